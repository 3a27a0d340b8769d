"""Finding out who sends a request."""

from flask import Flask
from flask_login import LoginManager

from config import Settings
from wihy.core.access import Principal

login_manager = LoginManager()


def register(app: Flask, settings: Settings) -> None:
    """Let `app` know who sends each request."""
    login_manager.anonymous_user = Principal
    login_manager.init_app(app)
