"""Whose turn it is: of all workers that find a job due, one takes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from wihy.core import clock
from wihy.core.database import db, insert_new
from wihy.core.jobs import Job
from wihy.jobs.models import JobRun

WORKER = "worker"  # its row says when any worker was last seen
SLACK = timedelta(seconds=10)  # ticks of a minute come a little early or late


def note_worker() -> None:
    """Write down that a worker is here."""
    insert_new(JobRun, [{"name": WORKER}])
    db.session.execute(update(JobRun).where(JobRun.name == WORKER).values(started_at=clock.now()))


def last_seen() -> datetime | None:
    """Return when a worker was last here, if one ever was."""
    return db.session.scalar(select(JobRun.started_at).where(JobRun.name == WORKER))


def due(jobs: Sequence[Job]) -> list[Job]:
    """Return those of `jobs` whose time has come and that nobody is doing."""
    insert_new(JobRun, [{"name": job.name} for job in jobs])
    return [job for job in jobs if db.session.scalar(select(JobRun.name).where(_is_due(job)))]


def take(job: Job) -> datetime | None:
    """Take `job` if it is due; returns until when it is the taker's, which of several at once only one is told."""
    now = clock.now()
    until = now + job.lease
    insert_new(JobRun, [{"name": job.name}])
    taking = update(JobRun).where(_is_due(job)).values(started_at=now, leased_until=until)
    return until if db.session.scalar(taking.returning(JobRun.name)) else None


def give_back(job: Job, turn: datetime, error: str | None) -> None:
    """Note the end of `job`, and the class of the error it ended with, unless the `turn` passed on meanwhile."""
    ended = {"finished_at": clock.now(), "leased_until": None, "error": error and error[:64]}
    db.session.execute(
        update(JobRun).where(JobRun.name == job.name, JobRun.leased_until == turn).values(**ended)
    )


def _is_due(job: Job) -> ColumnElement[bool]:
    now = clock.now()
    is_time = or_(JobRun.started_at.is_(None), JobRun.started_at <= now - job.every + SLACK)
    is_free = or_(JobRun.leased_until.is_(None), JobRun.leased_until <= now)
    return and_(JobRun.name == job.name, is_time, is_free)
