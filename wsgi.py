"""The application for servers and for `flask --app wsgi`."""

import sys

from config import ConfigurationError
from wihy.app import create_app

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(f"wihy: {error}")
