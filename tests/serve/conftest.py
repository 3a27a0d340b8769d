"""The stage of production's tests: one stack for those that leave it as it was."""

from collections.abc import Iterator

import pytest

from tests.serve.stack import Stack, running_stack
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import running_redis


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Iterator[Stack]:
    """The whole, behind nginx, for all tests that stop nothing."""
    with (
        running_redis() as redis_url,
        running_stack(tmp_path_factory.mktemp("stack"), postgresql, redis_url) as stack,
    ):
        yield stack
