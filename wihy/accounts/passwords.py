"""Passwords: bcrypt (OWASP Password Storage), at most its 72 bytes."""

import bcrypt

ROUNDS = 12
LONGEST_BYTES = 72


def hash_password(password: str) -> str:
    """Return the bcrypt hash of `password` (at most 72 bytes of UTF-8)."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def matches(password: str, password_hash: str) -> bool:
    """Whether `password` is the one `password_hash` was made of."""
    encoded = password.encode()
    return len(encoded) <= LONGEST_BYTES and bcrypt.checkpw(encoded, password_hash.encode())
