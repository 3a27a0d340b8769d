"""Routes."""

from flask import Blueprint

routes = Blueprint("accounts_api", __name__)
