"""The audit log's work by the clock."""

from datetime import timedelta

from wihy.audit.sealing import seal
from wihy.core.jobs import Job

JOBS = (Job("audit seal", timedelta(minutes=1), seal),)
