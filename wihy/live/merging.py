"""Merging: many small news become one message, at most every quarter of a second."""

import atexit
import logging
import os
import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar
from weakref import WeakSet

logger = logging.getLogger(__name__)

News = TypeVar("News")

PAUSE_SECONDS = 0.25


class Merger(Generic[News]):
    """Collects news by `merge(older, newer)` and hands them to `send` from a thread of its own.

    The first news leave at once, what comes within the pause after them together, the last always. The thread starts
    with the first news of the process, so a fork inherits none.
    """

    def __init__(self, merge: Callable[[News, News], News], send: Callable[[News], None]) -> None:
        self._merge = merge
        self._send = send
        self._waiting: News | None = None
        self._thread: Thread | None = None
        self._begin()
        _mergers.add(self)  # type: ignore[arg-type]

    def add(self, news: News) -> None:
        """Let `news` leave soon; never waits, never fails."""
        if self._process != os.getpid():
            self._begin()
        with self._changed:
            self._waiting = news if self._waiting is None else self._merge(self._waiting, news)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="live news", daemon=True)
                self._thread.start()
            self._changed.notify()

    def flush(self) -> None:
        """Send now what is waiting."""
        with self._changed:
            news, self._waiting = self._waiting, None
        if news is None:
            return
        try:
            self._send(news)
        except Exception:  # pushes are a courtesy: the next one may succeed
            logger.exception("live news could not be sent")

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = Condition()
        self._thread = None
        self._waiting = None

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None)
            self.flush()
            time.sleep(PAUSE_SECONDS)


_mergers: "WeakSet[Merger[object]]" = WeakSet()


@atexit.register
def _flush_all() -> None:
    """Let the news of a command that ends leave before it."""
    for merger in list(_mergers):
        merger.flush()
