"""All jobs, collected from the rooms."""

from collections.abc import Mapping

from wihy.accounts import jobs as accounts
from wihy.audit import jobs as audit
from wihy.core.jobs import Job
from wihy.outbox import jobs as outbox

JOBS: Mapping[str, Job] = {job.name: job for job in (*outbox.JOBS, *audit.JOBS, *accounts.JOBS)}
