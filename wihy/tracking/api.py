"""Routes."""

from flask import Blueprint

routes = Blueprint("tracking_api", __name__)
