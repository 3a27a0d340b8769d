"""The inboxes' work by the clock."""

from datetime import timedelta

from wihy.core.jobs import Job
from wihy.notifications.retention import forget_old

JOBS = (Job("notifications clean-up", timedelta(hours=24), forget_old),)
