"""All jobs, collected from the rooms."""

from collections.abc import Mapping

from wihy.core.jobs import Job
from wihy.live import jobs as live
from wihy.outbox import jobs as outbox

JOBS: Mapping[str, Job] = {job.name: job for job in (*outbox.JOBS, *live.JOBS)}
