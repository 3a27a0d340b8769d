"""Gathering: questions to a distant server that come while it is being asked are asked together next.

A way there and back costs far more than one question among others. A thread of its own asks; who waits for an answer
does so as `core/waiting` says, so that no event loop is held up.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from wihy.core.waiting import Wait, begin_waiting, wake

IDLE_SECONDS = 5.0
MOST_AT_ONCE = 500

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Asked(Generic[Question, Answer]):
    """A question on its way; its wait ends when `answer` or `error` stands."""

    question: Question
    wait: Wait = field(default_factory=begin_waiting)
    answer: Answer | None = None
    error: Exception | None = None


class Gathering(Generic[Question, Answer]):
    """Asks by `ask`, which is given questions and returns an answer (never None) to each, in their order."""

    def __init__(self, name: str, ask: Callable[[Sequence[Question]], Sequence[Answer]]) -> None:
        self._name = name
        self._ask = ask
        self._waiting: list[_Asked[Question, Answer]] = []
        self._some = threading.Condition(threading.Lock())
        self._asker: threading.Thread | None = None

    def answer(self, question: Question, seconds: float) -> Answer:
        """Return the answer to `question`; raises what `ask` did, and `TimeoutError` after `seconds`.

        Raises `RuntimeError` where no thread can be had.
        """
        asked: _Asked[Question, Answer] = _Asked(question)
        with self._some:
            if self._asker is None:
                asker = threading.Thread(target=self._run, name=self._name, daemon=True)
                asker.start()  # where it cannot, the next question tries again
                self._asker = asker
            self._waiting.append(asked)
            if len(self._waiting) == 1:
                self._some.notify()
        if not asked.wait.until(seconds):
            raise TimeoutError
        if asked.answer is None:
            raise asked.error or TimeoutError
        return asked.answer

    def _run(self) -> None:
        """Ask until nobody asked for a while; the next question starts another thread."""
        while batch := self._next():
            try:
                answers = self._ask([asked.question for asked in batch])
                for asked, answer in zip(batch, answers, strict=True):
                    asked.answer = answer
            except Exception as error:
                for asked in batch:
                    asked.error = error
            wake(asked.wait for asked in batch)

    def _next(self) -> list[_Asked[Question, Answer]]:
        with self._some:
            if not self._some.wait_for(lambda: self._waiting, IDLE_SECONDS):
                self._asker = None
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            return batch
