"""A changed link holds at once in every process; Redis carries the news, and nobody waits for it."""

import pytest

from tests.conftest import MakeApp, add_user, signed_in
from tests.links.saving import PATH, save
from tests.links.test_redirect import follow
from tests.servers.redis import running_redis
from wihy.links import changes


def test_all_processes_follow_a_change_at_once(make_app: MakeApp, redis_url: str) -> None:
    here, elsewhere = make_app(REDIS_URL=redis_url), make_app(REDIS_URL=redis_url)
    add_user(here, "ada@example.org", "admin")
    ada, stranger = signed_in(here, "ada@example.org"), elsewhere.test_client()
    save(ada, slug="trail")
    assert follow(stranger, "/l/trail").status_code == 302
    ada.patch(f"{PATH}/trail", json={"archived": True})
    assert follow(stranger, "/l/trail").status_code == 410
    ada.patch(f"{PATH}/trail", json={"archived": False, "target": "https://other.example/"})
    for _ in range(2):
        assert follow(stranger, "/l/trail").location.startswith("https://other.example/?ref=lumen")


def test_what_did_not_change_is_not_read_again(
    make_app: MakeApp, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(REDIS_URL=redis_url)
    add_user(app, "ada@example.org", "admin")
    ada, stranger = signed_in(app, "ada@example.org"), app.test_client()
    save(ada, slug="trail")
    ada.patch(f"{PATH}/trail", json={"campaign": "spring"})
    follow(stranger, "/l/trail")
    monkeypatch.setattr("wihy.links.targets.find_link", None)  # whoever asks fails
    assert follow(stranger, "/l/trail").status_code == 302


def test_links_lead_on_without_redis(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "TIMEOUT_SECONDS", 0.1)
    with running_redis() as redis_url:
        app = make_app(REDIS_URL=redis_url, LOG_LEVEL="ERROR")
        add_user(app, "ada@example.org", "admin")
        ada, stranger = signed_in(app, "ada@example.org"), app.test_client()
        save(ada, slug="trail")
        assert follow(stranger, "/l/trail").status_code == 302
    assert follow(stranger, "/l/trail").status_code == 302
    ada.patch(f"{PATH}/trail", json={"archived": True})
    assert follow(stranger, "/l/trail").status_code == 410
