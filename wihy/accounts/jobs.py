"""The accounts' work by the clock."""

from datetime import timedelta

from wihy.accounts.failures import tell_failures
from wihy.core.jobs import Job

JOBS = (Job("failed sign-ins", timedelta(minutes=1), tell_failures),)
