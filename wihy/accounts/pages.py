"""Routes."""

from flask import Blueprint

routes = Blueprint("accounts_pages", __name__)
