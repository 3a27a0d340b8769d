"""All jobs, collected from the rooms."""

from collections.abc import Mapping

from wihy.accounts import jobs as accounts
from wihy.audit import jobs as audit
from wihy.core import kept_answers
from wihy.core.jobs import Job
from wihy.live import jobs as live
from wihy.notifications import jobs as notifications
from wihy.outbox import jobs as outbox
from wihy.points import jobs as points

ROOMS = (
    outbox,
    audit,
    accounts,
    kept_answers,
    points,
    notifications,
    live,
)
JOBS: Mapping[str, Job] = {job.name: job for room in ROOMS for job in room.JOBS}
