"""Routes."""

from flask import Blueprint

routes = Blueprint("web_pages", __name__)
