"""Waiting for another thread: a thread is held, but a visit of an event loop lets others go on meanwhile.

The interpreter runs one thread at a time. Hundreds of them that wait and wake spend more on taking turns than on their
work; as greenlets of one thread (visits) the same requests cost about half. What a visit does between two waits keeps
all others from going on, so it must be short: what could wait for a network or a disk is done `apart`.
"""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from contextvars import copy_context
from threading import Lock
from typing import Any, Protocol, TypeVar

from greenlet import getcurrent, greenlet

Result = TypeVar("Result")


class Visit(greenlet):
    """Work in the thread of `loop`, which waits by letting the loop go on; `executor` does what would hold it up."""

    def __init__(self, work: Callable[..., object], loop: AbstractEventLoop, executor: Executor) -> None:
        super().__init__(work)
        self.hub = getcurrent()
        self.loop = loop
        self.executor = executor


class Wait(Protocol):
    """One wait of one piece of work: begun by it, ended by whoever calls `wake`, before or after `until`."""

    def until(self, seconds: float | None) -> bool:
        """Wait to be woken, for `seconds` at most; returns whether it was."""


class _ThreadsWait:
    __slots__ = ("lock",)

    def __init__(self) -> None:
        self.lock = Lock()
        self.lock.acquire()

    def until(self, seconds: float | None) -> bool:
        return self.lock.acquire(timeout=-1 if seconds is None else seconds)


class _VisitsWait:
    __slots__ = ("is_waiting", "is_woken", "visit")

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.is_waiting = self.is_woken = False

    def until(self, seconds: float | None) -> bool:
        if not self.is_woken:
            self.is_waiting = True
            timer = None if seconds is None else self.visit.loop.call_later(seconds, self.go_on)
            self.visit.hub.switch()
            if timer is not None:
                timer.cancel()
        return self.is_woken

    def end(self) -> None:
        """Note that it was woken, in the loop's thread."""
        self.is_woken = True
        self.go_on()

    def go_on(self) -> None:
        """Let the visit go on if it waits: it may have lost its patience meanwhile."""
        if self.is_waiting:
            self.is_waiting = False
            self.visit.switch()


def begin_waiting() -> Wait:
    """Return a new wait of the calling thread or visit."""
    here = getcurrent()
    return _VisitsWait(here) if isinstance(here, Visit) else _ThreadsWait()


def wake(waits: Iterable[Wait]) -> None:
    """End `waits`, from any thread. Those of one loop go on one after the other."""
    visits: dict[AbstractEventLoop, list[_VisitsWait]] = {}
    for wait in waits:
        if isinstance(wait, _ThreadsWait):
            wait.lock.release()
        elif isinstance(wait, _VisitsWait):
            visits.setdefault(wait.visit.loop, []).append(wait)
    for loop, waiting in visits.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_end, waiting)


def apart(work: Callable[[], Result], seconds: float) -> Result:
    """Return what `work` does, which may take its time: a visit has a thread of its executor's do it.

    Raises `TimeoutError` to a visit after `seconds`: what no thread has begun by then is never done, the rest goes on.
    """
    here = getcurrent()
    if not isinstance(here, Visit):
        return work()
    future: Future[Any] = here.executor.submit(copy_context().run, work)
    wait = begin_waiting()
    future.add_done_callback(lambda _: wake([wait]))
    if not wait.until(seconds) and not future.done():
        future.cancel()
        raise TimeoutError
    result: Result = future.result()
    return result


def _end(waits: Iterable[_VisitsWait]) -> None:
    for wait in waits:
        wait.end()
