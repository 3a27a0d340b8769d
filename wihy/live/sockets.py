"""Socket.IO connections."""

from flask import Flask

from config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Open the live channel of `app`."""
