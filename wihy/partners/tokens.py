"""Partners' tokens: made from the id and a version under a key of this installation, kept only as a digest.

So a token is shown once and stored nowhere, and can be made again to mail it.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

PURPOSE = b"wihy partner access tokens"  # a key of its own: JWTs are signed with the secret itself


def issue_token(partner_id: str, version: int, jwt_secret: str) -> str:
    """Return the token (43 characters) of the partner with tracking id `partner_id`."""
    key = hmac.digest(jwt_secret.encode(), PURPOSE, sha256)
    mac = hmac.digest(key, f"partner:{partner_id}:{version}".encode(), sha256)
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest(token: str) -> str:
    """Return what is stored of `token`: its SHA-256, in hex."""
    return sha256(token.encode()).hexdigest()


def is_token_of(token: str, stored_digest: str) -> bool:
    """Whether `token` has this digest; takes the same time whatever differs."""
    return hmac.compare_digest(digest(token), stored_digest)
