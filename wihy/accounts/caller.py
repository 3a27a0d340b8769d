"""Where the current request comes from, for those who sign in."""

from flask import request

from wihy.accounts.sign_in import Caller
from wihy.core.client_address import client_address


def caller() -> Caller:
    """Return the address and the browser of the current request."""
    return Caller(client_address(), request.user_agent.string)
