"""Writing a batch on PostgreSQL: one prepared statement for events, visitors and figures.

Every part is ordered by its key. Without that, two writers could each hold what the other waits for.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from wihy.core.database import db
from wihy.tracking.entries import Entry

NAME = "wihy_write_batch"
COLUMNS = {
    "id": "uuid",
    "referrer": "text",
    "campaign": "text",
    "landing_page": "text",
    "original_source": "text",
    "destination_url": "text",
    "event_type": "text",
    "timestamp": "timestamptz",
    "user_agent": "text",
    "ip_address": "text",
    "session_id": "text",
    "combination_id": "int",
    "link_slug": "text",
    "is_bot": "bool",
    "day": "date",
    "quarter": "int",
    "partner": "text",
    "visitor": "bytea",
}
STATEMENT = f"""
PREPARE {NAME} ({", ".join(f"{kind}[]" for kind in COLUMNS.values())}) AS
WITH entry AS (
    SELECT * FROM unnest({", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))})
        AS entry ({", ".join(COLUMNS)})
), fresh AS (
    SELECT entry.* FROM entry
    WHERE NOT EXISTS (SELECT FROM tracking_events WHERE tracking_events.id = entry.id)
), first_of_visitor AS (
    SELECT DISTINCT ON (day, visitor) id, day, visitor FROM fresh
    WHERE visitor IS NOT NULL ORDER BY day, visitor, timestamp, id
), new_visitor AS (
    INSERT INTO daily_visitors (day, hash)
    SELECT day, visitor FROM first_of_visitor ORDER BY day, visitor
    ON CONFLICT DO NOTHING RETURNING day, hash
), stored AS (
    INSERT INTO tracking_events (
        id, referrer, campaign, landing_page, original_source, destination_url, event_type, timestamp, user_agent,
        ip_address, session_id, combination_id, link_slug, is_bot, new_visitor
    )
    SELECT
        fresh.id, referrer, campaign, landing_page, original_source, destination_url, event_type, timestamp, user_agent,
        ip_address, session_id, combination_id, link_slug, is_bot, new_visitor.hash IS NOT NULL
    FROM fresh
    LEFT JOIN first_of_visitor ON first_of_visitor.id = fresh.id
    LEFT JOIN new_visitor ON new_visitor.day = first_of_visitor.day AND new_visitor.hash = first_of_visitor.visitor
    ORDER BY fresh.id
    ON CONFLICT DO NOTHING RETURNING id, new_visitor
), counted AS (
    SELECT fresh.day, fresh.quarter, fresh.partner, fresh.event_type, fresh.combination_id, fresh.is_bot,
        stored.new_visitor
    FROM stored JOIN fresh ON fresh.id = stored.id
), by_day AS (
    INSERT INTO daily_figures AS old (day, combination_id, events, visitors, bots)
    SELECT day, combination_id, count(*) FILTER (WHERE NOT is_bot), count(*) FILTER (WHERE new_visitor),
        count(*) FILTER (WHERE is_bot)
    FROM counted GROUP BY day, combination_id ORDER BY day, combination_id
    ON CONFLICT (day, combination_id) DO UPDATE SET
        events = old.events + excluded.events,
        visitors = old.visitors + excluded.visitors,
        bots = old.bots + excluded.bots
), by_quarter AS (
    INSERT INTO quarter_hour_figures AS old (partner, quarter, event_type, events, visitors, bots)
    SELECT coalesce(partner, ''), quarter, event_type, count(*) FILTER (WHERE NOT is_bot),
        count(*) FILTER (WHERE new_visitor), count(*) FILTER (WHERE is_bot)
    FROM counted GROUP BY GROUPING SETS ((partner, quarter, event_type), (quarter, event_type))
    ORDER BY 1, 2, 3
    ON CONFLICT (partner, quarter, event_type) DO UPDATE SET
        events = old.events + excluded.events,
        visitors = old.visitors + excluded.visitors,
        bots = old.bots + excluded.bots
)
SELECT fresh.id::text, stored.new_visitor FROM fresh LEFT JOIN stored ON stored.id = fresh.id
"""


def write(entries: Sequence[Entry]) -> dict[str, bool | None]:
    """Write those of `entries` (ordered by id, no id twice) that are new.

    Returns by id whether each of them brought a new visitor; None where another writer stored it meanwhile.
    """
    connection = db.session.connection()
    _prepare(connection)
    call = f"EXECUTE {NAME} ({', '.join(['%s'] * len(COLUMNS))})"
    arrays = tuple(_array(column) for column in zip(*map(_row, entries), strict=True))
    rows = connection.exec_driver_sql(call, arrays)
    return {row[0]: row[1] for row in rows}


def _prepare(connection: Connection) -> None:
    """Prepare the statement once for each connection: planning it costs more than a small batch does."""
    if NAME not in connection.info:
        connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
        connection.exec_driver_sql(STATEMENT)
        connection.info[NAME] = True


def _row(entry: Entry) -> tuple[Any, ...]:
    capture = entry.capture
    return (
        str(capture.id),
        capture.referrer,
        capture.campaign,
        capture.landing_page,
        capture.original_source,
        capture.destination_url,
        capture.event_type.value,
        capture.timestamp.isoformat(),
        capture.user_agent,
        entry.ip_address,
        capture.session_id,
        str(entry.combination_id),
        capture.link_slug,
        "t" if capture.is_bot else "f",
        entry.day.isoformat(),
        str(entry.quarter),
        entry.partner,
        None if entry.visitor is None else "\\x" + entry.visitor.hex(),
    )


def _array(texts: Iterable[str | None]) -> str:
    """Return `texts` as a PostgreSQL array literal: one parameter is parsed faster than a thousand."""
    return "{" + ",".join("NULL" if text is None else _quoted(text) for text in texts) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
