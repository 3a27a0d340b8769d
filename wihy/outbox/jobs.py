"""The outbox's work by the clock."""

from datetime import timedelta

from wihy.core.jobs import Job
from wihy.outbox.service import SWEEP
from wihy.outbox.sweep import clean, sweep

JOBS = (
    Job(SWEEP, timedelta(minutes=1), sweep),
    Job("outbox clean-up", timedelta(hours=24), clean),
)
