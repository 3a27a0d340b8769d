"""Network addresses never reach the store: only a digest that cannot be joined from one day to the next."""

import hmac
from base64 import urlsafe_b64encode
from datetime import date


def address_digest(secret: str, day: date, address: str) -> str:
    """Return the first 128 bits of HMAC-SHA-256(`secret`, UTC `day` and `address`) as 22 characters of base64url."""
    digest = hmac.digest(secret.encode(), f"{day.isoformat()} {address}".encode(), "sha256")
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")
