"""Reading what is sent: the size first, then the kind, then the text, each with its own clear refusal."""

from typing import TypeVar

from flask import Flask, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected

from wihy.core.errors import InvalidRequest, TooLarge, UnsupportedMediaType

Model = TypeVar("Model", bound=BaseModel)

KIB = 1024
MIB = 1024 * KIB
JSON_LIMIT = 256 * KIB
BATCH_LIMIT = 2048 * KIB
READ = "wihy.body"
JSON_KINDS = frozenset({"application/json"})
BEACON_KINDS = JSON_KINDS | {"text/plain"}  # what `navigator.sendBeacon` may send without asking first


def register(app: Flask) -> None:
    """Let no form of `app` be larger than a JSON body may be."""
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = JSON_LIMIT


def read_json(
    model: type[Model],
    *,
    limit: int = JSON_LIMIT,
    kinds: frozenset[str] = JSON_KINDS,
    optional: bool = False,
) -> Model:
    """Return the current request's JSON body as `model`.

    `limit` in bytes; `kinds` of content read; `optional`: no body is `{}`. Raises `TooLarge` (413),
    `UnsupportedMediaType` (415) or `InvalidRequest` (400) with every problem found.
    """
    body = read_body(limit)
    if not body and optional:
        body = b"{}"
    elif request.mimetype not in kinds:
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def read_body(limit: int) -> bytes:
    """Return the bytes sent, at most `limit` of them; raises `TooLarge`, also where no length is announced.

    They can be read only once, so they stay with the request: who reads again gets the same.
    """
    body = body_so_far()
    if body is None:
        body = request.environ[READ] = _received(limit)
    if len(body) > limit:
        raise TooLarge
    return body


def body_so_far() -> bytes | None:
    """Return the bytes sent, if anybody has read them yet."""
    body: bytes | None = request.environ.get(READ)
    return body


def _received(limit: int) -> bytes:
    length = request.content_length
    if length is None:
        request.max_content_length = limit + 1  # it ends there without a word: what is longer must show
        body = request.stream.read(limit + 1)
    elif length > limit:
        raise TooLarge
    else:
        body = request.environ["wsgi.input"].read(length)
        if len(body) < length:
            raise ClientDisconnected
    if len(body) > limit:
        raise TooLarge
    return body
