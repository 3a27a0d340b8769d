"""No question goes through all events: PostgreSQL finds each by an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, text

from wihy.core.database import db, transaction
from wihy.partners.service import add_partner
from wihy.why.service import explain

EVENTS = 30_000
KNOWN = UUID("01a1f804-9a3c-7cfb-b69f-857d4e58d173")
UNKNOWN = UUID("01a1f804-9a3c-7cfb-b69f-857d4e58d174")
SESSION_OF_ALL = "undefined"
FILL = """
INSERT INTO tracking_events (id, referrer, campaign, landing_page, original_source, event_type, timestamp, session_id,
                             is_bot, new_visitor)
SELECT CASE WHEN n = 7 THEN CAST(:known AS uuid) ELSE gen_random_uuid() END, 'ref' || n % 300, 'c', '/', 'ref' || n % 300,
       'inbound', now() - n * interval '1 minute',
       CASE WHEN n % 10 = 0 THEN :shared WHEN n % 3 = 0 THEN 'session' || n / 5 END, false, false
FROM generate_series(1, :events) n
"""


@pytest.fixture
def full(app: Flask) -> Iterator[None]:
    """Many events, a tenth of them in one session, and a partner."""
    with app.app_context():
        with transaction():
            add_partner("partner_john", "John", None, None)
            values = {"known": str(KNOWN), "shared": SESSION_OF_ALL, "events": EVENTS}
            db.session.execute(text(FILL), values)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        yield


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Note the statements that read events."""
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "tracking_events" in statement:
            statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "question",
    [
        str(KNOWN),
        str(UNKNOWN),
        "session999",
        "no_such_session",
        SESSION_OF_ALL,
        "https://wihy.ai/?ref=partner_john",
        "https://wihy.ai/?ref=ref7",
        f"https://wihy.ai/?wihy_id={KNOWN}",
        "/l/nothing",
        "ref7",
    ],
)
@pytest.mark.usefixtures("full")
def test_no_question_goes_through_all_events(question: str) -> None:
    with asked() as statements:
        explain(question)
    for statement, parameters in statements:
        with db.engine.connect() as connection:
            plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
        assert "Seq Scan on tracking_events" not in plan, f"{statement}\n{plan}"
    assert statements or question == "/l/nothing"
