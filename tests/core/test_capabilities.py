"""Tokens of capability links: made again from kind, subject and version, kept as a digest."""

import re

import pytest

from wihy.core.capabilities import Kind, digest, is_token_of, issue_token

SECRET = "a secret for the tests, thirty-two bytes long"


@pytest.mark.parametrize("kind", Kind)
def test_a_token_is_43_characters_that_an_address_takes_as_they_are(kind: Kind) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", issue_token(kind, "partner_john", 1, SECRET))


@pytest.mark.parametrize(
    ("version", "token"),
    [
        (1, "wnxinH7hgI12uLBQJbB_unAHKvzmJe6a0ztxfvdVOis"),
        (7, "3wLQeBMh39nAOpfGFGo08ofTzM6v1EQOTP7WdxZ4YSE"),
    ],
)
def test_the_links_that_partners_have_stay_what_they_are(version: int, token: str) -> None:
    assert issue_token(Kind.PARTNER, "partner_john", version, SECRET) == token


def test_the_same_link_makes_the_same_token_again_and_another_another() -> None:
    token = issue_token(Kind.PARTNER, "partner_john", 1, SECRET)
    assert issue_token(Kind.PARTNER, "partner_john", 1, SECRET) == token
    others = {
        issue_token(Kind.PARTNER, "partner_john", 2, SECRET),
        issue_token(Kind.PARTNER, "Partner_john", 1, SECRET),
        issue_token(Kind.PARTNER, "partner_john", 1, SECRET + "!"),
        issue_token(Kind.SHARE, "partner_john", 1, SECRET),
    }
    assert len(others | {token}) == 5


def test_only_the_digest_is_needed_to_check_one() -> None:
    token = issue_token(Kind.PARTNER, "partner_john", 1, SECRET)
    assert is_token_of(token, digest(token))
    assert not is_token_of(token + "x", digest(token))
    assert not is_token_of("é", digest(token))
