"""Routes."""

from flask import Blueprint

routes = Blueprint("dashboard_pages", __name__)
