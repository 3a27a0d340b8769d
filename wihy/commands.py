"""All commands: `flask --app wsgi …`, collected from the rooms."""

from flask import Flask


def register(app: Flask) -> None:
    """Give `app` its commands."""
