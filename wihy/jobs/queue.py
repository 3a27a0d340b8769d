"""The queue between who wants a job done and the workers: Redis where there is one, else a file of the instance."""

import json
from pathlib import Path
from typing import Any

from flask import Flask
from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer
from redis import ConnectionPool

from config import Settings

NAME = "wihy"
FILE = "jobs.sqlite"
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5  # longer than a worker waits for the next message


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Writes messages as JSON: huey's own way would let whoever reaches the queue run code in the worker."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data._asdict()).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(**json.loads(bytes(data)))


def open_queue(app: Flask, settings: Settings) -> Huey:
    """Return the queue of `app`; nothing is connected yet where Redis is it."""
    common: dict[str, Any] = {"results": False, "serializer": JsonSerializer()}
    if settings.redis_url:
        pool = ConnectionPool.from_url(
            settings.redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
        )
        return RedisHuey(NAME, connection_pool=pool, **common)
    folder = Path(app.instance_path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(folder / FILE), fsync=False, **common)
