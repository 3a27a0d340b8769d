"""The live channel's work by the clock."""

from datetime import timedelta

from wihy.core.jobs import Job
from wihy.live.history import forget_old

JOBS = (Job("live clean-up", timedelta(minutes=10), forget_old),)
