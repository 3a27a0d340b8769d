"""A small room of the tests' own: a counter that requests with an `Idempotency-Key` raise."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, jsonify
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from werkzeug.test import TestResponse

from wihy.core.access import allow, customer
from wihy.core.bodies import JSON_LIMIT, read_body
from wihy.core.database import after_commit, db, wait_for_turn
from wihy.core.errors import Conflict, Forbidden, TooManyRequests, Unavailable
from wihy.core.idempotency import idempotent
from wihy.jobs.models import JobRun  # any table does

PATH = "/api/customer/shop"


def too_many() -> None:
    """Refuse for an hour and a half minute."""
    raise TooManyRequests(90)


def unavailable() -> None:
    """Fail by our fault."""
    raise Unavailable


def forbidden() -> None:
    """Refuse who asks."""
    raise Forbidden


def conflict() -> None:
    """Refuse the work."""
    raise Conflict("sold out")


FATES: dict[str, Callable[[], None]] = {
    "409": conflict,
    "429": too_many,
    "503": unavailable,
    "403": forbidden,
    "crash": lambda: (_ for _ in ()).throw(ZeroDivisionError()),  # type: ignore[return-value]
}


@dataclass
class Shop:
    """The counter of `app`."""

    app: Flask
    told: list[str] = field(default_factory=list)
    answer: str = "ordered"
    gate: threading.Event = field(default_factory=threading.Event)
    inside: threading.Event = field(default_factory=threading.Event)
    fate: str = ""

    def __post_init__(self) -> None:
        self.gate.set()
        routes = Blueprint("shop", __name__)
        view = allow(customer)(idempotent(self._order))
        routes.add_url_rule("/<item>", "order", view, methods=["POST"])
        self.app.register_blueprint(routes, url_prefix=PATH)

    def _order(self, item: str) -> Response:
        """Raise the counter, then meet the fate that the body names."""
        wait_for_turn("shop")
        number = (db.session.scalar(select(func.count()).select_from(JobRun)) or 0) + 1
        db.session.execute(insert(JobRun).values(name=f"{item} {number}"))
        after_commit(lambda: self.told.append(item))
        self.inside.set()
        assert self.gate.wait(30)
        fate = self.fate or read_body(JSON_LIMIT).decode()
        FATES.get(fate, lambda: None)()
        response = jsonify(number=number, answer=self.answer)
        response.status_code = 201
        return response

    @property
    def sold(self) -> int:
        """How often the work was done."""
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(JobRun)) or 0

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let nobody who comes in get out."""
        self.gate.clear()
        self.inside.clear()
        try:
            yield
        finally:
            self.gate.set()


def order(client: FlaskClient, key: str | None = "k", body: str = "", item: str = "tea") -> TestResponse:
    """Send an order."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"{PATH}/{item}", data=body, headers=headers)
