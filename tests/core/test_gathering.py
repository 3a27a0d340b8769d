"""Questions that are asked together: each gets its own answer, and what fails is told to all who waited."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import RateLimitItemPerMinute
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import Redis, RedisError

from wihy.core.gathering import Gathering
from wihy.core.rate_storage import GatheringRedisStorage


def test_what_comes_meanwhile_is_asked_together_and_each_gets_its_own() -> None:
    asked: list[int] = []
    gate = threading.Event()

    def ask(questions: Sequence[int]) -> list[int]:
        gate.wait()
        asked.append(len(questions))
        return [question * 2 for question in questions]

    gathering = Gathering("test", ask)
    with ThreadPoolExecutor(20) as threads:
        answers = [threads.submit(gathering.answer, number, 30) for number in range(1, 21)]
        gate.set()
        assert [answer.result() for answer in answers] == [number * 2 for number in range(1, 21)]
    assert sum(asked) == 20


def test_a_failure_is_told_to_those_it_concerns_and_the_next_are_asked_again() -> None:
    def ask(questions: Sequence[str]) -> list[str]:
        if "bad" in questions:
            raise ValueError("bad")
        return list(questions)

    gathering = Gathering("test", ask)
    with pytest.raises(ValueError, match="bad"):
        gathering.answer("bad", 30)
    assert gathering.answer("good", 30) == "good"


def test_who_waited_long_enough_goes() -> None:
    gate = threading.Event()
    gathering = Gathering("test", lambda questions: [gate.wait() for _ in questions])
    with pytest.raises(TimeoutError):
        gathering.answer("slow", 0.01)
    gate.set()
    assert gathering.answer("again", 30) is True


def test_without_a_thread_it_says_so_and_the_next_are_asked_again(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = GatheringRedisStorage(f"gathering+{redis_url}")
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RedisError):
            storage.acquire_sliding_window_entry("key", 1, 60)
    assert [storage.acquire_sliding_window_entry("key", 1, 60) for _ in range(2)] == [True, False]


def no_thread(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_hits_of_many_at_once_are_counted_exactly(redis_url: str) -> None:
    storage = GatheringRedisStorage(f"gathering+{redis_url}")
    strategy, item = SlidingWindowCounterRateLimiter(storage), RateLimitItemPerMinute(100)
    with ThreadPoolExecutor(40) as threads:
        hits = [threads.submit(strategy.hit, item, "wihy", f"address {number % 2}") for number in range(240)]
    assert sum(hit.result() for hit in hits) == 200
    assert not strategy.test(item, "wihy", "address 0")


def test_redis_may_forget_the_script(redis_url: str) -> None:
    strategy = SlidingWindowCounterRateLimiter(GatheringRedisStorage(f"gathering+{redis_url}"))
    item = RateLimitItemPerMinute(2)
    assert strategy.hit(item, "one")
    with Redis.from_url(redis_url) as redis:
        redis.script_flush()
    assert [strategy.hit(item, "one") for _ in range(2)] == [True, False]


def test_without_redis_it_says_so() -> None:
    options = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    storage = GatheringRedisStorage("gathering+redis://127.0.0.1:9/0", **options)
    with pytest.raises(RedisError):
        storage.acquire_sliding_window_entry("key", 1, 60)
