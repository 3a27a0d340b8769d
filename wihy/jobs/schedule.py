"""All jobs, collected from the rooms."""

from collections.abc import Mapping

from wihy.core.jobs import Job
from wihy.outbox import jobs as outbox
from wihy.points import jobs as points

JOBS: Mapping[str, Job] = {job.name: job for room in (outbox, points) for job in room.JOBS}
