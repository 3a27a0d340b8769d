"""Routes."""

from flask import Blueprint

routes = Blueprint("accounts_users_api", __name__)
