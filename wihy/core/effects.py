"""What waits for the commit of the open transaction: steps right before it, effects after it.

A transaction that is rolled back forgets both, and a savepoint that is rolled back what was handed over since it began.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Effect = Callable[[], object]
Step = Callable[[list[Any]], object]


@dataclass(eq=False, slots=True)
class Waiting:
    """What waits for a commit; `marks` says how much of it was there when each savepoint began."""

    takes_steps: bool
    steps: list[tuple[Step, Any]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    marks: dict[SessionTransaction, tuple[int, int]] = field(default_factory=dict)

    def run_steps(self) -> None:
        """Take the steps, each once, in the order in which they were first asked for."""
        grouped: dict[Step, list[Any]] = {}
        for step, item in self.steps:
            grouped.setdefault(step, []).append(item)
        for step, items in grouped.items():
            step(items)


_waiting: ContextVar[Waiting | None] = ContextVar("what waits for the commit", default=None)


@contextmanager
def collecting(*, takes_steps: bool = True) -> Iterator[Waiting]:
    """Collect what is to wait for the block, and run the effects unless it fails; the block itself runs the steps."""
    if _waiting.get() is not None:
        raise RuntimeError("a transaction is already open: services flush, edges commit")
    waiting = Waiting(takes_steps)
    token = _waiting.set(waiting)
    try:
        yield waiting
    finally:
        _waiting.reset(token)
    for effect in waiting.effects:
        _run(effect)


def _run(effect: Effect) -> None:
    try:
        effect()
    except Exception:  # the work is committed: a push that fails must not turn it into an error
        logger.exception("an effect after the commit failed")


def after_commit(effect: Effect) -> None:
    """Run `effect` once the open transaction is committed; a rolled back one forgets it."""
    _open().effects.append(effect)


def before_commit(step: Callable[[list[Item]], object], item: Item) -> None:
    """Call `step` as the last work of the open transaction, once, with all items that were handed to it.

    It is for rows that others wait for: locked here, they are locked no longer than the commit takes. Who locks several
    does so in one order, for which it gets all items at once. What fails in a step fails the transaction.
    """
    waiting = _open()
    if not waiting.takes_steps:
        raise RuntimeError("a single statement commits itself: nothing can be done right before")
    waiting.steps.append((step, item))


def is_writing() -> bool:
    """Whether a transaction is open here."""
    return _waiting.get() is not None


def _open() -> Waiting:
    waiting = _waiting.get()
    if waiting is None:
        raise RuntimeError("no transaction is open")
    return waiting


@event.listens_for(Session, "after_transaction_create")
def _mark(_session: Session, begun: SessionTransaction) -> None:
    waiting = _waiting.get()
    if waiting is not None and begun.nested:
        waiting.marks[begun] = len(waiting.steps), len(waiting.effects)


@event.listens_for(Session, "after_soft_rollback")
def _forget(_session: Session, undone: SessionTransaction) -> None:
    waiting = _waiting.get()
    if waiting is not None and undone in waiting.marks:
        steps, effects = waiting.marks[undone]
        del waiting.steps[steps:], waiting.effects[effects:]
