"""Routes."""

from flask import Blueprint

routes = Blueprint("monitoring_api", __name__)
