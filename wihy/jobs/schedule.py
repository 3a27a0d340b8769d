"""All jobs, collected from the rooms."""

from collections.abc import Mapping

from wihy.core import kept_answers
from wihy.core.jobs import Job
from wihy.outbox import jobs as outbox

JOBS: Mapping[str, Job] = {job.name: job for jobs in (kept_answers.JOBS, outbox.JOBS) for job in jobs}
