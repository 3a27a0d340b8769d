"""All jobs, collected from the rooms."""

from collections.abc import Mapping

from wihy.core.jobs import Job
from wihy.notifications import jobs as notifications
from wihy.outbox import jobs as outbox

JOBS: Mapping[str, Job] = {job.name: job for job in (*outbox.JOBS, *notifications.JOBS)}
