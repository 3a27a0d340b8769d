"""The settings of the running application."""

from flask import current_app

from config import Settings


def settings() -> Settings:
    """Return the settings that the current application was made with."""
    found: Settings = current_app.extensions["settings"]
    return found
