"""Writing a batch on PostgreSQL: one prepared statement for events, visitors and figures.

Every part is ordered by its key. Without that, two writers could each hold what the other waits for. The row of the
hour is the process's own: no writer waits for another's.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg2.errors import DivisionByZero
from sqlalchemy.pool import PoolProxiedConnection

from wihy.tracking.entries import QUARTER_HOUR_COUNTS, Entry, Raced
from wihy.tracking.hours import slot

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
    "visitor": "bytea",
}


def _counts(among: str = "true") -> str:
    return ", ".join(
        f"count(*) FILTER (WHERE {among} AND {counted})"
        for counted in ("NOT is_bot", "new_visitor", "is_bot")
    )


def _sums(*names: str) -> str:
    return ", ".join(f"{name} = old.{name} + excluded.{name}" for name in names)


SLOT, CAPTURES, REJECTED = (f"${len(COLUMNS) + number}" for number in (1, 2, 3))
STATEMENT = f"""
PREPARE {NAME} ({", ".join(f"{kind}[]" for kind in COLUMNS.values())}, int, int, int) AS
WITH entry AS (
    SELECT * FROM unnest({", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))})
        AS entry ({", ".join(COLUMNS)})
), fresh AS (
    SELECT entry.*, row_number() OVER (PARTITION BY day, visitor ORDER BY timestamp, id) = 1 AS is_first
    FROM entry WHERE NOT EXISTS (SELECT FROM tracking_events WHERE tracking_events.id = entry.id)
), new_visitor AS (
    INSERT INTO daily_visitors (day, hash)
    SELECT day, visitor FROM fresh WHERE is_first AND visitor IS NOT NULL ORDER BY day, visitor
    ON CONFLICT DO NOTHING RETURNING day, hash
), stored AS (
    INSERT INTO tracking_events (
        id, referrer, campaign, landing_page, original_source, destination_url, event_type, timestamp, user_agent,
        ip_address, session_id, combination_id, link_slug, is_bot, new_visitor
    )
    SELECT
        id, referrer, campaign, landing_page, original_source, destination_url, event_type, timestamp, user_agent,
        ip_address, session_id, combination_id, link_slug, is_bot,
        is_first AND visitor IS NOT NULL AND (day, visitor) IN (SELECT day, hash FROM new_visitor)
    FROM fresh ORDER BY id
    ON CONFLICT DO NOTHING RETURNING id, timestamp, combination_id, is_bot, new_visitor
), by_hour AS (
    INSERT INTO capture_hours AS old (hour, slot, stored, duplicate, rejected)
    SELECT date_trunc('hour', now(), 'UTC'), {SLOT}, count(*), {CAPTURES} - count(*), {REJECTED}
    FROM stored HAVING {CAPTURES} > 0
    ON CONFLICT (hour, slot) DO UPDATE SET {_sums("stored", "duplicate", "rejected")}
), by_day AS (
    INSERT INTO daily_figures AS old (day, combination_id, events, visitors, bots)
    SELECT (timestamp AT TIME ZONE 'UTC')::date AS day, combination_id, {_counts()}
    FROM stored GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (day, combination_id) DO UPDATE SET {_sums("events", "visitors", "bots")}
), by_quarter AS (
    INSERT INTO quarter_hour_figures AS old (partner, quarter, {", ".join(QUARTER_HOUR_COUNTS)})
    SELECT coalesce(partner, ''), quarter, {_counts("is_click")}, {_counts("NOT is_click")}
    FROM (
        SELECT CASE event_type WHEN 'inbound' THEN referrer ELSE original_source END AS partner,
            floor(extract(epoch FROM timestamp) / 900)::int AS quarter, event_type = 'inbound' AS is_click,
            is_bot, new_visitor
        FROM stored JOIN combinations ON combinations.id = combination_id
    ) AS counted
    GROUP BY GROUPING SETS ((partner, quarter), (quarter)) ORDER BY 1, 2
    ON CONFLICT (partner, quarter) DO UPDATE SET {_sums(*QUARTER_HOUR_COUNTS)}
)
SELECT id::text, new_visitor FROM stored
UNION ALL
SELECT NULL, NULL WHERE 1 / ((SELECT count(*) FROM stored) = (SELECT count(*) FROM fresh))::int = 0 -- never, or Raced
"""

CALL = f"EXECUTE {NAME} ({', '.join(['%s'] * (len(COLUMNS) + 3))})"


def write(
    connection: PoolProxiedConnection, entries: Sequence[Entry], captures: int, rejected: int
) -> dict[UUID, bool]:
    """Write those of `entries` (ordered by id, no id twice) that are new; returns by id who brought a new visitor.

    They came from so many `captures`: those that are not new are the hour's duplicates, beside so many `rejected`.
    Raises `Raced`, with nothing written, where another writer stored one of them meanwhile.
    """
    columns = list(zip(*map(_row, entries), strict=True))
    cursor: Any = connection.cursor()
    if NAME not in connection.info:
        _prepare(cursor)
        connection.info[NAME] = True
    try:
        cursor.execute(CALL, (*map(_array, columns), slot(), captures, rejected))
    except DivisionByZero:  # nothing else in the statement divides
        raise Raced from None
    ids = dict(zip(columns[0], (entry.capture.id for entry in entries), strict=True))
    return {ids[text]: new_visitor for text, new_visitor in cursor.fetchall()}


def _prepare(cursor: Any) -> None:
    """Prepare and plan the statement once for each connection: planning it costs more than a small batch does.

    The plan is made for tables of any size: one that is made while they are empty would read them whole for ever.
    """
    cursor.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
    cursor.execute(STATEMENT)
    cursor.execute(CALL, (*("{}",) * len(COLUMNS), 0, 0, 0))
    cursor.execute("RESET enable_seqscan")


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
        None if entry.visitor is None else "\\x" + entry.visitor.hex(),
    )


def _array(texts: Sequence[str | None]) -> str:
    """Return `texts` as a PostgreSQL array literal: one parameter is parsed faster than a thousand."""
    if None not in texts:
        joined = '","'.join(texts)  # type: ignore[arg-type]
        if "\\" not in joined and joined.count('"') == 2 * (len(texts) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join("NULL" if text is None else _quoted(text) for text in texts) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
