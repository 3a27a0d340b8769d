"""Network addresses never reach the store: only a digest that cannot be joined from one day to the next."""

from base64 import urlsafe_b64encode
from datetime import date

from wihy.core.digests import keyed_digest


def address_digest(secret: str, day: date, address: str) -> str:
    """Return the first 128 bits of HMAC-SHA-256(`secret`, UTC `day` and `address`) as 22 characters of base64url."""
    digest = keyed_digest(secret.encode(), f"{day.isoformat()} {address}")
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")
