"""Routes."""

from flask import Blueprint

routes = Blueprint("web_docs", __name__)
