"""Who may see the dashboard's pages, and what a wrong address is told."""

import pytest
from flask.testing import FlaskClient

PATHS = [
    "/tracking-dashboard",
    "/tracking-dashboard/campaigns",
    "/tracking-dashboard/referrers/partner_john",
    "/tracking-admin",
]
FILTERED = PATHS[:3]


@pytest.mark.parametrize("path", PATHS)
def test_strangers_are_sent_to_sign_in(stranger: FlaskClient, path: str) -> None:
    answer = stranger.get(path + "?period=7d")
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=%2Ftracking-")


@pytest.mark.parametrize("path", PATHS)
def test_viewers_and_admins_see_them(vera: FlaskClient, ada: FlaskClient, path: str) -> None:
    assert [client.get(path).status_code for client in (vera, ada)] == [200, 200]


@pytest.mark.parametrize("path", FILTERED)
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("period=bogus", "<code>period</code> should be &#39;today&#39;"),
        ("metric=zzz", "<code>metric</code> should be &#39;clicks&#39;"),
        ("from=2024-12-10&to=2024-12-01", "<code>to</code>: the last day is before the first"),
        ("from=10.12.2024", "<code>from</code>: write a day"),
        ("tz=Mars", "<code>tz</code>: use the name of an IANA time zone"),
        ("offset=-1", "<code>offset</code> should be greater than or equal to 0"),
    ],
)
def test_a_wrong_address_is_told_which_part(vera: FlaskClient, path: str, query: str, told: str) -> None:
    answer = vera.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert told in answer.text
    assert "Invalid request parameters" not in answer.text


def test_every_problem_is_told_at_once(vera: FlaskClient) -> None:
    page = vera.get("/tracking-dashboard?period=bogus&metric=zzz").text
    assert page.count("<li>") == 2


def test_pages_that_take_nothing_say_so_once(vera: FlaskClient) -> None:
    answer = vera.post("/tracking-dashboard")
    assert answer.status_code in (400, 405)
    assert "Method Not Allowed" not in answer.text
