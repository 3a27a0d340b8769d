"""The last part of a short address: chosen, or by chance."""

import re
import secrets

ALPHABET = (
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # base58: nothing that looks alike in print
)
RANDOM_LENGTH = 7  # 58**7 are 2.2 million million: nobody finds links by guessing
OWN = re.compile(r"[A-Za-z0-9_-]{3,64}", re.ASCII)
RESERVED = frozenset(
    {"admin", "api", "archive", "create", "edit", "export", "links", "new", "search", "static"}
)


def random_slug() -> str:
    """Return a slug by chance, from a secure source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))


def is_slug(text: str) -> bool:
    """Whether a link could have the slug `text`."""
    return bool(OWN.fullmatch(text))


def check_own_slug(text: str) -> str:
    """Return `text` if somebody may choose it as a slug; raises `ValueError`."""
    if not is_slug(text):
        raise ValueError("use 3 to 64 letters, digits, _ or -")
    if text.lower() in RESERVED:
        raise ValueError("this word is kept for WIHY itself")
    return text
