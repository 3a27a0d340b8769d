"""Partners' tokens: made again from id and version, kept as a digest."""

import re

from wihy.partners.tokens import digest, is_token_of, issue_token

SECRET = "a secret for the tests, thirty-two bytes long"  # noqa: S105 - the tests'


def test_a_token_is_43_characters_that_an_address_takes_as_they_are() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", issue_token("partner_john", 1, SECRET))


def test_the_same_partner_and_version_make_the_same_token_again() -> None:
    token = issue_token("partner_john", 1, SECRET)
    assert issue_token("partner_john", 1, SECRET) == token
    others = {
        issue_token("partner_john", 2, SECRET),
        issue_token("Partner_john", 1, SECRET),
        issue_token("partner_john", 1, SECRET + "!"),
    }
    assert len(others | {token}) == 4


def test_only_the_digest_is_needed_to_check_one() -> None:
    token = issue_token("partner_john", 1, SECRET)
    assert is_token_of(token, digest(token))
    assert not is_token_of(token + "x", digest(token))
    assert not is_token_of("é", digest(token))
