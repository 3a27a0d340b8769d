"""Waiting for another thread, in threads and in the visits of an event loop."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest

from wihy.core.waiting import Visit, Wait, apart, begin_waiting, wake

LONG = 30.0
word: ContextVar[str] = ContextVar("word", default="none")


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    """The threads of a loop."""
    with ThreadPoolExecutor(2) as threads:
        yield threads


def visited(executor: ThreadPoolExecutor, *works: Callable[[], Any]) -> list[Any]:
    """Return what `works` do as visits of one loop, started in their order."""
    results: list[Any] = [None] * len(works)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        ends = [loop.create_future() for _ in works]

        def run(number: int) -> None:
            results[number] = works[number]()
            ends[number].set_result(None)

        for number in range(len(works)):
            Visit(lambda number=number: run(number), loop, executor).switch()
        await asyncio.wait_for(asyncio.gather(*ends), LONG)

    with ThreadPoolExecutor(
        1
    ) as thread:  # one without a loop: a browser's tests leave theirs in the main one
        thread.submit(asyncio.run, serve()).result()
    return results


def in_a_thread(_: ThreadPoolExecutor, *works: Callable[[], Any]) -> list[Any]:
    """Return what `works` do, each in a thread."""
    with ThreadPoolExecutor(len(works)) as threads:
        return [future.result(LONG) for future in [threads.submit(work) for work in works]]


both = pytest.mark.parametrize("run", [visited, in_a_thread])
Run = Callable[..., list[Any]]


def later(waits: list[Wait]) -> None:
    threading.Timer(0.02, wake, [waits]).start()


@both
def test_who_waits_goes_on_when_woken(run: Run, executor: ThreadPoolExecutor) -> None:
    def work() -> bool:
        wait = begin_waiting()
        later([wait])
        return wait.until(LONG)

    assert run(executor, work, work) == [True, True]


@both
def test_patience_ends(run: Run, executor: ThreadPoolExecutor) -> None:
    def work() -> bool:
        wait = begin_waiting()
        was_woken = wait.until(0.01)
        wake([wait])  # too late: nothing happens
        return was_woken

    assert run(executor, work, work) == [False, False]


@both
def test_a_call_before_the_wait_is_not_lost(run: Run, executor: ThreadPoolExecutor) -> None:
    def work() -> tuple[bool, bool]:
        first, second = begin_waiting(), begin_waiting()
        wake([first])
        later([second])
        return second.until(LONG), first.until(LONG)

    assert run(executor, work) == [(True, True)]


def test_a_wait_that_nobody_waits_on_disturbs_no_visit(executor: ThreadPoolExecutor) -> None:
    def work() -> bool:
        later([begin_waiting()])
        return begin_waiting().until(0.1)

    assert visited(executor, work) == [False]


def test_a_waiting_visit_lets_others_go_on(executor: ThreadPoolExecutor) -> None:
    order: list[str] = []
    waits: list[Wait] = []

    def first() -> None:
        waits.append(begin_waiting())
        order.append("first waits")
        waits[0].until(LONG)
        order.append("first goes on")

    def second() -> None:
        order.append("second")
        wake(waits)

    visited(executor, first, second)
    assert order == ["first waits", "second", "first goes on"]


@both
def test_work_apart_is_done_in_the_same_context(run: Run, executor: ThreadPoolExecutor) -> None:
    def work() -> tuple[str, str]:
        word.set("ours")
        return apart(word.get, LONG), word.get()

    assert run(executor, work, work) == [("ours", "ours")] * 2
    assert word.get() == "none"


@both
def test_what_goes_wrong_apart_is_raised(run: Run, executor: ThreadPoolExecutor) -> None:
    def work() -> str:
        try:
            return apart(lambda: str(1 / 0), LONG)
        except ZeroDivisionError:
            return "raised"

    assert run(executor, work) == ["raised"]


def test_a_visits_work_apart_holds_up_nobody(executor: ThreadPoolExecutor) -> None:
    is_released = threading.Event()

    def slow() -> bool:
        return apart(lambda: is_released.wait(LONG), LONG)

    assert visited(executor, slow, is_released.set) == [True, None]


def test_a_visit_leaves_work_apart_that_lasts_too_long(executor: ThreadPoolExecutor) -> None:
    is_released = threading.Event()
    done = []

    def impatient(work: Callable[[], object]) -> None:
        with pytest.raises(TimeoutError):
            apart(work, 0.01)

    def begun() -> None:
        impatient(lambda: is_released.wait(LONG) and done.append("begun"))

    def queued() -> None:
        impatient(lambda: done.append("queued"))

    visited(executor, begun, begun, queued)
    is_released.set()
    executor.shutdown()
    assert done == ["begun", "begun"]
