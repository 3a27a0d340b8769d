"""The part `web`: Granian, which reads requests outside of Python and hands them to the gateway of its workers.

Run as a program (`python -m wihy.serve.web`) by the supervisor. It loads no application; its workers do.
"""

import os
import socket

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from config import Settings, load_settings
from wihy.server import GRACEFUL_SECONDS, SUPERVISOR, end_with

CONNECTIONS_OF_A_WORKER = 1024
HEAD_SECONDS = 30  # also how long an idle connection stays: longer than the proxy keeps one
LONGEST_HEAD_BYTES = 64 * 1024


def serve(settings: Settings) -> None:
    """Serve as `settings` say, until a signal comes."""
    Granian(
        "wihy.serve.worker:app",
        address=_address(settings.host_behind_proxy, settings.port),
        port=settings.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.web_workers,
        backlog=CONNECTIONS_OF_A_WORKER,
        backpressure=CONNECTIONS_OF_A_WORKER,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=LONGEST_HEAD_BYTES
        ),
        respawn_failed_workers=True,
        workers_kill_timeout=GRACEFUL_SECONDS,
        log_level=LogLevels.error,
    ).serve()


def _address(host: str, port: int) -> str:
    """Return `host` as a number: Granian takes no names."""
    return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])


if __name__ == "__main__":
    end_with(int(os.environ[SUPERVISOR]))
    serve(load_settings())
