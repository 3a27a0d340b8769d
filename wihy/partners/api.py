"""Routes."""

from flask import Blueprint

routes = Blueprint("partners_api", __name__)
