"""`/audit`: what admins look up there, without any script."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser
from tests.conftest import add_customer, key_for
from wihy.audit.service import forget_personal, record
from wihy.core.database import transaction

PAGE = "/audit"
ARABIC = ("عميلة " * 51)[:255]


@pytest.fixture
def nora(app: Flask) -> FlaskClient:
    """An admin's browser."""
    return a_browser(app, "nora@example.org", "admin")


def write(app: Flask, action: str, thing: str, actor: str = "system", **more: object) -> None:
    with app.app_context(), transaction():
        record(action, thing, actor=actor, **more)  # type: ignore[arg-type]


def entries(page: str) -> str:
    """Return the part of the page that lists them."""
    return page.partition('aria-label="Entries"')[2].partition("</table>")[0].partition("</section>")[0]


def rows(page: str) -> list[str]:
    """Return the words of the table's rows."""
    body = entries(page).partition("<tbody>")[2]
    texts = (re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>")[:-1])
    return [" ".join(unescape(text).split()) for text in texts]


def shown(client: FlaskClient, **query: str) -> list[str]:
    answer = client.get(PAGE, query_string=query)
    assert answer.status_code == 200, answer.text
    return [row.partition(" ago ")[2] for row in rows(answer.text)]


def test_it_shows_who_did_what(app: Flask, nora: FlaskClient) -> None:
    add_customer(app, 7, display_name=ARABIC)
    key = key_for(app, "customers:write")
    assert key.put("/api/customers/7", json={"language": "sw"}).status_code == 200
    assert shown(nora)[0] == f"API key a program Customer changed Customer {ARABIC.strip()} language sw"
    assert shown(nora, who="nora@example.org") == ["nora@example.org Signed in nora@example.org"]


def test_it_is_narrowed_as_asked(app: Flask, nora: FlaskClient) -> None:
    write(app, "LINK_CREATED", "link:spring", details={"campaign": "spring", "source": None})
    write(app, "LINK_ARCHIVED", "link:spring", actor="stranger")
    created, archived = (
        "System Link created Link spring campaign spring",
        "Not signed in Link archived Link spring",
    )
    assert shown(nora, thing="link") == [archived, created]
    assert shown(nora, action="LINK_CREATED") == [created]
    assert shown(nora, who="system", thing="link:spring") == [created]
    assert shown(nora, to="2020-01-01") == []
    page = nora.get(PAGE, query_string={"thing": "link", "action": "LINK_CREATED"}).text
    assert '<option value="LINK_CREATED" selected>Link created</option>' in page
    assert 'href="/api/audit?action=LINK_CREATED&amp;thing=link&amp;tz=UTC&amp;format=csv"' in page


def test_details_read_well(app: Flask, nora: FlaskClient) -> None:
    details = {
        "expires_at": datetime(2026, 3, 10, 12, tzinfo=UTC),
        "is_locked": True,
        "kinds": {"ride": 2, "order": 1},
        "scopes": ["a", "b"],
        "nothing": None,
    }
    write(app, "TESTED", "sign-in", details=details)
    nora.set_cookie("wihy_tz", "Africa/Nairobi")
    [words] = shown(nora, action="TESTED")
    assert words == (
        "System Tested Sign in expires at Tue 10 March 2026, 15:00:00 (Africa/Nairobi) is locked yes "
        "kinds order 1, ride 2 scopes a, b"
    )


def test_nobody_is_found_by_an_unknown_email(app: Flask, nora: FlaskClient) -> None:
    for who in ("nobody@example.org", f"{'e' * 240}@example.org"):
        page = nora.get(PAGE, query_string={"who": who})
        assert rows(page.text) == []
        assert "Nothing found" in page.text


def test_what_cannot_be_looked_up_is_marked(nora: FlaskClient) -> None:
    query = {"from": "2026-03-11", "to": "2026-03-10", "thing": "\0"}
    answer = nora.get(PAGE, query_string=query)
    assert answer.status_code == 400
    assert "The last day is before the first" in answer.text
    assert "A NUL character cannot be stored" in answer.text
    assert 'value="2026-03-11"' in answer.text


def test_a_page_leads_to_older_ones_and_back(app: Flask, nora: FlaskClient) -> None:
    for number in range(51):
        write(app, "LINK_CREATED", f"link:{number}")
    first = nora.get(PAGE, query_string={"thing": "link"})
    assert len(rows(first.text)) == 50
    [older] = re.findall(r'href="([^"]+)" rel="next"', first.text)
    second = nora.get(unescape(older))
    assert [row.endswith("Link 0") for row in rows(second.text)] == [True]
    assert f'href="{PAGE}?thing=link">Newest' in second.text


def test_what_was_erased_says_so(app: Flask, nora: FlaskClient) -> None:
    write(app, "CUSTOMER_CHANGED", "customer:7", personal={"email": "alice@example.org"})
    assert shown(nora, thing="customer:7")[0].endswith("email alice@example.org")
    with app.app_context(), transaction():
        forget_personal("customer:7")
    assert shown(nora, thing="customer:7")[0].endswith("Personal part erased")


def test_what_others_wrote_runs_nowhere(app: Flask, nora: FlaskClient) -> None:
    write(app, "LINK_CREATED", "link:<b>", details={"<i>": '"><script>'})
    page = entries(nora.get(PAGE).text)
    assert "&lt;b&gt;" in page
    for tag in ("<b>", "<i>", "<script>"):
        assert tag not in page


def test_only_admins_see_it(app: Flask, nora: FlaskClient, stranger: FlaskClient) -> None:
    viewer = a_browser(app, "vera@example.org")
    assert viewer.get(PAGE).status_code == 403
    assert f'href="{PAGE}"' not in viewer.get("/customers").text
    assert f'href="{PAGE}"' in nora.get("/customers").text
    assert stranger.get(PAGE).headers["Location"] == "/login?next=%2Faudit"
