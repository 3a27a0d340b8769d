"""The way of a request from Granian to the application: captures in the event loop's thread, all others in threads.

A capture works for a moment, waits for its commit, and answers: in threads, most of its cost would be their taking
turns (`core/waiting`). It comes to the loop only if nothing on its way can ask a database or a distant server; what
carries a key or a cookie does, and a batch would hold up the others.
"""

import asyncio
import logging
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

from wihy.core.bodies import JSON_LIMIT, MIB
from wihy.core.waiting import Visit
from wihy.serve.environ import environ_of

CAPTURE = "/api/tracking/capture"
CREDENTIALS = ("x-api-key", "authorization", "cookie")
LARGEST_BODY = 27 * MIB  # above it nothing is read: every route refuses it by its announced length
LARGEST_IN_MEMORY = 1 * MIB
THREADS_APART = 4  # of their own: a flood of refused captures takes none from other requests

logger = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
Send = Callable[[HTTPProtocol, int, Headers, Iterable[bytes]], None]


class Gateway:
    """The application as Granian asks it (RSGI). With `captures_here` they come to the loop; else all to threads."""

    def __init__(self, application: Application, threads: int, *, captures_here: bool) -> None:
        self._application = application
        self._captures_here = captures_here
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._threads_apart = ThreadPoolExecutor(THREADS_APART, thread_name_prefix="apart")

    def __rsgi_init__(self, loop: AbstractEventLoop) -> None:
        """Note the loop that serves."""
        self._loop = loop

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a request."""
        if self._captures_here and _is_light_capture(scope):
            await self._answer_here(scope, protocol)
        else:
            environ = environ_of(scope, await _body(scope, protocol))
            await self._loop.run_in_executor(self._threads, self._answer, environ, protocol, self._send)

    async def _answer_here(self, scope: Scope, protocol: HTTPProtocol) -> None:
        environ = environ_of(scope, BytesIO(await protocol()))
        is_answered: Future[None] = self._loop.create_future()

        def answer() -> None:
            try:
                self._answer(environ, protocol, _send_whole)  # the loop cannot wait for itself
            finally:
                is_answered.set_result(None)

        Visit(answer, self._loop, self._threads_apart).switch()
        await is_answered

    def _answer(self, environ: dict[str, Any], protocol: HTTPProtocol, send: Send) -> None:
        try:
            status, headers, body = self._asked(environ)
            try:
                send(protocol, status, headers, body)
            finally:
                close = getattr(body, "close", None)
                if close is not None:
                    close()
        except Exception:
            logger.exception("a request could not be answered")
            with suppress(Exception):  # it may have begun
                protocol.response_empty(500, [])

    def _asked(self, environ: dict[str, Any]) -> tuple[int, Headers, Iterable[bytes]]:
        head: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: Headers, error: Any = None) -> None:
            head.append((int(status[:3]), headers))

        body = self._application(environ, start_response)
        return *head[-1], body

    def _send(self, protocol: HTTPProtocol, status: int, headers: Headers, body: Iterable[bytes]) -> None:
        length = next((value for name, value in headers if name.lower() == "content-length"), None)
        if length is not None and int(length) <= LARGEST_IN_MEMORY:
            _send_whole(protocol, status, headers, body)
            return
        transport = protocol.response_stream(status, headers)

        async def send(piece: bytes) -> None:
            await transport.send_bytes(piece)

        for piece in body:
            asyncio.run_coroutine_threadsafe(send(piece), self._loop).result()


def _send_whole(protocol: HTTPProtocol, status: int, headers: Headers, body: Iterable[bytes]) -> None:
    protocol.response_bytes(status, headers, b"".join(body))


def _is_light_capture(scope: Scope) -> bool:
    if scope.path != CAPTURE or scope.method != "POST":
        return False
    headers = scope.headers
    length = headers.get("content-length", "")
    is_short = length.isdecimal() and int(length) <= JSON_LIMIT
    return is_short and not any(name in headers for name in CREDENTIALS)


async def _body(scope: Scope, protocol: HTTPProtocol) -> BinaryIO:
    """Return what is sent with a request, once all of it has come; of what is too large to be read, nothing."""
    headers = scope.headers
    if "content-length" not in headers and "transfer-encoding" not in headers:
        return BytesIO()
    body = cast(BinaryIO, SpooledTemporaryFile(LARGEST_IN_MEMORY))  # noqa: SIM115 -- who reads it lets it go
    if int(headers.get("content-length", "0")) <= LARGEST_BODY:
        async for piece in protocol:
            if body.tell() <= LARGEST_BODY:  # the rest of a body without a length is heard, not kept
                body.write(piece)
    body.seek(0)
    return body
