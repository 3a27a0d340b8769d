"""One log line a request."""

from flask import Flask


def register(app: Flask) -> None:
    """Log the requests of `app`."""
