"""Events as CSV and NDJSON: all of them, in order, harmless in a spreadsheet, with flat memory."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import Sent, store
from wihy.analytics import events

START = datetime(2026, 1, 1, tzinfo=UTC)
PATH = "/api/tracking/events"


def test_csv_defuses_formulas_and_keeps_texts_whole(app: Flask, vera: FlaskClient) -> None:
    texts = ["=HYPERLINK(1)", "+1", "-1", "@x", 'a,"b"', "été", "two words"]
    store(app, [Sent(START + timedelta(days=n), campaign=text) for n, text in enumerate(texts)])
    answer = vera.get(PATH, query_string={"format": "csv"})
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="events.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["campaign"] for row in reversed(rows)] == [
        "'=HYPERLINK(1)",
        "'+1",
        "'-1",
        "'@x",
        *texts[4:],
    ]
    assert (rows[0]["bot"], rows[0]["destinationUrl"]) == ("false", "")
    assert "ipAddress" not in rows[0]


def test_no_events_are_a_table_with_a_head_only(vera: FlaskClient) -> None:
    assert vera.get(PATH, query_string={"format": "csv"}).text.startswith("id,referrer,campaign,timestamp,")
    assert vera.get(PATH, query_string={"format": "ndjson"}).text == ""


def test_lines_are_what_the_pages_show(app: Flask, vera: FlaskClient) -> None:
    store(app, [Sent(START + timedelta(hours=n), link="trail") for n in range(3)])
    lines = vera.get(PATH, query_string={"format": "ndjson"}).text.splitlines()
    assert [json.loads(line) for line in lines] == vera.get(PATH).json["events"]


def test_thousands_are_streamed_in_order_across_batches_and_equal_moments(
    app: Flask, vera: FlaskClient
) -> None:
    sent = [Sent(START + timedelta(seconds=n // 1500)) for n in range(3 * events.BATCH + 1)]
    store(app, sent)
    tracemalloc.start()
    answer = vera.get(PATH, query_string={"format": "ndjson"}, buffered=False)
    listed = [json.loads(line)["id"] for line in answer.response]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    newest_first = sorted(sent, key=lambda event: (event.timestamp, event.id), reverse=True)
    assert listed == [str(event.id) for event in newest_first]
    assert peak < 16_000_000


def test_a_download_can_go_on_behind_a_page(app: Flask, vera: FlaskClient) -> None:
    store(app, [Sent(START + timedelta(hours=n)) for n in range(5)])
    page = vera.get(PATH, query_string={"limit": 2}).json
    rest = vera.get(PATH, query_string={"format": "ndjson", "cursor": page["nextCursor"]}).text.splitlines()
    assert len(rest) == 3
