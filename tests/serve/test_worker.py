"""The part that does jobs: it is there, and tells so."""

import pytest

from tests.serve.stack import Stack, is_running, servers
from tests.servers.processes import wait_until

pytestmark = pytest.mark.xdist_group("production")


def test_serve_brings_one_worker(stack: Stack) -> None:
    parts = servers(stack)
    assert parts.keys() == {"web", "live", "worker"}
    assert all(map(is_running, parts.values()))
    seen = "SELECT 1 FROM job_runs WHERE name = 'worker' AND started_at IS NOT NULL"
    wait_until(lambda: bool(stack.query(seen)), seconds=60, what="the worker")
