"""Routes."""

from flask import Blueprint

routes = Blueprint("accounts_keys_api", __name__)
