"""Notifications on the live channel: heard by the customer's own pages, in their language, after the commit."""

from flask import Flask

from tests.conftest import add_customer
from tests.live.conftest import sign_in
from tests.live.listener import listening
from tests.notifications.telling import rows, tell
from tests.servers.web import running
from wihy.core.clock import to_text
from wihy.live.rooms import customer_room


def test_the_customer_hears_of_it_and_nobody_else(app: Flask) -> None:
    add_customer(app, 7, "alice@example.org", language="sw")
    add_customer(app, 8, "bob@example.org")
    alice, bob = (sign_in(app, f"{name}@example.org") for name in ("alice", "bob"))
    with running(app) as port, listening(port, token=alice) as hers, listening(port, token=bob) as his:
        tell(app)
        tell(app, 8)
        tell(app)
        first, others, second = rows(app)
        event, payload, place = hers.next_fact()
        assert (event, place) == ("notification:created", {"room": customer_room(7), "sequence": 1})
        assert payload == {
            "id": str(first.id),
            "template": "points_awarded",
            "title": "Umepokea pointi",
            "body": "Shughuli yako imekuletea pointi 5.",
            "language": "sw",
            "createdAt": to_text(first.created_at),
            "unread": 1,
        }
        assert his.next_fact()[1]["id"] == str(others.id)
        payload = hers.next_fact()[1]
        assert (payload["id"], payload["unread"]) == (str(second.id), 2)
        assert his.all(0.3) == hers.all(0.3) == []
