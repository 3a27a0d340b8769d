"""Passwords: bcrypt (OWASP Password Storage), at most its 72 bytes."""

import secrets

import bcrypt

from wihy.core.database import end_reading

ROUNDS = 12
SHORTEST_BYTES = 8
LONGEST_BYTES = 72


def hash_password(password: str) -> str:
    """Return the bcrypt hash of `password` (at most 72 bytes of UTF-8)."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def hash_aside(password: str) -> str:
    """Return the hash of `password` without holding a database connection meanwhile: it takes long on purpose."""
    end_reading()
    return hash_password(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether `password` is the one `password_hash` was made of; takes the same time where there is no hash."""
    encoded = password.encode()
    stored = password_hash or _no_hash()
    try:
        right = bcrypt.checkpw(encoded[:LONGEST_BYTES], stored.encode())
    except ValueError:  # what is stored is no hash: nothing matches it
        right = matches(password, None)
    return right and password_hash is not None and len(encoded) <= LONGEST_BYTES


def needs_rehash(password_hash: str) -> bool:
    """Whether `password_hash` was made with other work than ours, which the time of a sign-in would show."""
    return password_hash.split("$")[2] != f"{ROUNDS:02}"


def generate_password() -> str:
    """Return a new password that nobody guesses."""
    return secrets.token_urlsafe(12)


def _no_hash() -> str:
    """Return what has the form of a hash, so that checking it takes as long as checking one."""
    return f"$2b${ROUNDS:02}$" + "." * 53
