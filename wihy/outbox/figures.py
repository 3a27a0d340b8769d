"""How far behind the outbox is: on /metrics and /readyz."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Flask
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from wihy.core import clock
from wihy.core.database import db
from wihy.monitoring.service import register_figures, register_part
from wihy.outbox.models import Message

LATE = timedelta(minutes=15)
LATELY = timedelta(hours=24)


def register(app: Flask) -> None:
    """Tell the figures of the outbox of `app`."""
    register_figures(app, _figures)


def lag() -> timedelta:
    """Return how long the oldest message that should have left has waited."""
    oldest = db.session.scalar(select(func.min(Message.due_at)).where(Message.next_try_at.is_not(None)))
    return max(timedelta(), clock.now() - oldest) if oldest else timedelta()


def _figures() -> Iterator[Metric]:
    try:
        waiting = db.session.scalar(
            select(func.count()).select_from(Message).where(Message.next_try_at.is_not(None))
        )
        seconds = lag().total_seconds()
    except SQLAlchemyError:  # /readyz tells that the database is away
        return
    yield GaugeMetricFamily("wihy_outbox_waiting", "Messages that did not leave yet.", waiting)
    yield GaugeMetricFamily(
        "wihy_outbox_lag_seconds", "How long the oldest that should have has waited.", seconds
    )


def _check_outbox() -> str | None:
    """Late or lost mails keep nobody from being served."""
    failed = select(func.count()).select_from(Message).where(Message.failed_at > clock.now() - LATELY)
    number = db.session.scalar(failed)
    if number:
        return f"{number} could not be delivered in the last 24 hours: the log says why"
    waited = lag()
    return f"the oldest has waited for {waited.total_seconds() // 60:.0f} minutes" if waited > LATE else None


register_part("outbox", _check_outbox)
