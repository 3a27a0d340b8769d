"""What an e-mail address is here: `x@y`, and nothing stricter."""

LONGEST_EMAIL = 254  # RFC 5321: a path of 256 without its angle brackets


def check_email(text: str) -> str:
    """Return `text` if it can be an e-mail address; raises `ValueError` that says what one looks like."""
    name, _, host = text.partition("@")
    if not (name and host) or "@" in host or not text.isprintable() or len(text) > LONGEST_EMAIL:
        raise ValueError(
            f"write an e-mail address such as ada@example.org, at most {LONGEST_EMAIL} characters"
        )
    return text
