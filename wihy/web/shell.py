"""What every page's template is given."""

from flask import Flask


def register(app: Flask) -> None:
    """Give `app`'s templates what every page needs."""
