"""Routes."""

from flask import Blueprint

routes = Blueprint("partners_pages", __name__)
