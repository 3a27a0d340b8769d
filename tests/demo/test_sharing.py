"""The demo's saved links and shares: there, clicked on, and ready to be opened."""

from datetime import UTC, datetime

from flask import Flask

from wihy.analytics.service import clicks_of_links
from wihy.core.capabilities import Status
from wihy.core.database import transaction
from wihy.demo import access, cast, loading
from wihy.demo.sharing import ensure_links, ensure_shares, find_share_token
from wihy.links.queries import count_links, find_link
from wihy.shares import service
from wihy.shares.queries import list_shares

END = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def test_links_are_saved_once_and_were_clicked(app: Flask) -> None:
    with app.app_context():
        assert sum(loading.load(6_000, 1, END)) == 6_000
        for _ in range(2):
            ensure_links(None)
        assert (count_links(archived=False), count_links(archived=True)) == (4, 1)
        clicks = clicks_of_links([link.slug for link in cast.LINKS])
        assert all(clicks[link.slug] for link in cast.LINKS)
        link = find_link("trail-autumn")
        assert link
        assert link.target.endswith("/autumn")


def test_shares_are_made_once_and_again_when_they_ended(app: Flask) -> None:
    with app.app_context():
        access.ensure_people()
        made_by = access.maker()
        for _ in range(2):
            ensure_shares(made_by)
        shares = [listed.share for listed in list_shares(limit=50).shares]
        assert [share.name for share in shares] == [name for name, _ in cast.SHARES]
        assert [share.status for share in shares] == [Status.ACTIVE] * 3 + [Status.REVOKED]
        token = find_share_token()
        assert token
        assert service.open_share(token).id == shares[0].id
        assert access.ways_in()[-1].address.endswith(f"/share/{token}")
        with transaction():
            service.revoke_share(shares[0].id)
        ensure_shares(made_by)
        again = find_share_token()
        assert again
        assert again != token
