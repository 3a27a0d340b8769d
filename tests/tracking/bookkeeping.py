"""Reading the books as Prometheus does, and the table of hours."""

from collections import Counter
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select

from wihy.core.database import db
from wihy.tracking.models import CaptureHour


class Ledger(NamedTuple):
    """What `/metrics` says of captures."""

    received: int
    stored: int
    duplicate: int
    unacknowledged: int
    rejected: Counter[str]
    failed: Counter[str]
    in_flight: int
    queue_rows: int

    @property
    def balance(self) -> int:
        """What was received and stands nowhere: zero."""
        ends = self.stored + self.duplicate + self.rejected.total() + self.failed.total()
        return self.received - ends - self.in_flight


def figures(client: FlaskClient) -> dict[str, dict[str, float]]:
    """Return every sample of `/metrics` by its name and its label `reason` or `endpoint`."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            label = sample.labels.get("reason") or sample.labels.get("endpoint") or ""
            found.setdefault(sample.name, {})[label] = sample.value
    return found


def ledger(client: FlaskClient) -> Ledger:
    """Return the books."""
    found = figures(client)
    one = {name: int(values[""]) for name, values in found.items() if "" in values}
    by_reason = {
        name: Counter({reason: int(value) for reason, value in found[name].items() if value})
        for name in ("wihy_captures_rejected_total", "wihy_captures_failed_total")
    }
    return Ledger(
        one["wihy_captures_received_total"],
        one["wihy_captures_stored_total"],
        one["wihy_captures_duplicate_total"],
        one["wihy_captures_stored_unacknowledged_total"],
        *by_reason.values(),
        one["wihy_captures_in_flight"],
        one["wihy_capture_queue_rows"],
    )


def hours(app: Flask) -> tuple[int, int, int]:
    """Return stored, duplicate and rejected captures of all hours."""
    columns = (CaptureHour.stored, CaptureHour.duplicate, CaptureHour.rejected)
    with app.app_context():
        sums = db.session.execute(select(*(func.coalesce(func.sum(one), 0) for one in columns))).one()
    stored, duplicate, rejected = map(int, sums)
    return stored, duplicate, rejected
