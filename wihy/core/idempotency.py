"""`Idempotency-Key`: who is not sure that a request arrived sends it again, and it is done once.

A route says `@idempotent` below its access mark. The mark opens the one transaction of the request, and in it the work
is done and its answer kept: a crash neither loses the answer of work that is done nor lets it be done twice.
"""

import time
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from flask import Response, make_response, request

from wihy.core.access import who_asks
from wihy.core.bodies import JSON_LIMIT, read_body
from wihy.core.database import db, end_reading, transaction
from wihy.core.errors import Conflict, Forbidden, InvalidRequest, Refusal, Unauthorized, answer
from wihy.core.kept_answers import KeptAnswer, find_kept, keep, wait_for_scope
from wihy.core.turns import OutOfPatience, Turns

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255
PATIENCE_SECONDS = 10
CONFLICT = "IDEMPOTENCY_CONFLICT"

View = TypeVar("View", bound=Callable[..., Any])

_turns = Turns()


class _Asked(NamedTuple):
    """Digests of who asks where by what key, and of what is asked."""

    scope: bytes
    request: bytes


def idempotent(view: View) -> View:
    """Do the work of `view`, which opens no transaction, in one; with an `Idempotency-Key`, once in 24 hours.

    Whoever asks again gets the first answer, with `Idempotency-Replayed: true`: a success, or a refusal (4xx), whose
    work is undone. Not kept are faults of ours (5xx), what depends on who asks (401, 403), and what is said before the
    body is read (413). While the first one is being done, others wait for it, for 10 seconds at most; then they are
    refused (409), as is the same key with another body (409 `IDEMPOTENCY_CONFLICT`).
    """

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Response:
        key = _key()
        end_reading()  # a slow sender must hold neither a connection nor, below, the turn of all who write
        body = read_body(JSON_LIMIT)

        def act() -> Response:
            return make_response(view(*args, **kwargs))

        if key is None:
            with transaction():
                return act()
        return _once(_asked(key, body), act)

    once.is_idempotent = True  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


def _key() -> str | None:
    """Return the key of the current request; raises `InvalidRequest` for what can be none."""
    key = request.headers.get(HEADER)
    if key is None or (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        return key
    raise InvalidRequest.at(HEADER, f"use 1 to {LONGEST_KEY} printable ASCII characters")


def _asked(key: str, body: bytes) -> _Asked:
    """Return the digests; a body is another one, too, if it is of another kind or sent to another query."""
    scope = "\0".join((who_asks().get_id(), request.method, request.path, key))
    kind = f"{request.mimetype}\0".encode() + request.query_string + b"\0"
    return _Asked(sha256(scope.encode()).digest(), sha256(kind + body).digest())


def _once(asked: _Asked, act: Callable[[], Response]) -> Response:
    began = time.monotonic()
    try:
        with _turns.at(asked.scope, PATIENCE_SECONDS), transaction():  # who waits here holds no connection
            wait_for_scope(asked.scope, PATIENCE_SECONDS - (time.monotonic() - began))
            kept = find_kept(asked.scope)
            return _told_again(kept, asked) if kept else _done(asked, act)
    except OutOfPatience:
        message = f"The first request with this {HEADER} is still being answered"
        raise Conflict(message, headers={"Retry-After": "1"}) from None


def _told_again(kept: KeptAnswer, asked: _Asked) -> Response:
    if kept.request != asked.request:
        raise Conflict(f"This {HEADER} was used for another request", code=CONFLICT)
    response = kept.to_response()
    response.headers[REPLAYED] = "true"
    return response


def _done(asked: _Asked, act: Callable[[], Response]) -> Response:
    try:
        with db.session.begin_nested():
            response = act()
    except (Unauthorized, Forbidden):  # authority is looked up each time
        raise
    except Refusal as refusal:
        if refusal.status >= 500:
            raise
        response = answer(refusal)
    keep(*asked, response)
    return response
