"""Routes."""

from flask import Blueprint

routes = Blueprint("analytics_api", __name__)
