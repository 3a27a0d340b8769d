"""The points' work by the clock."""

from datetime import timedelta

from wihy.core.jobs import Job
from wihy.points.pending import retry_pending

JOBS = (Job("pending awards", timedelta(minutes=1), retry_pending),)
