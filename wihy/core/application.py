"""Flask's classes, without what each request would pay for and nothing here needs."""

from collections.abc import Callable
from functools import partial
from typing import Any, overload

from flask import Flask, Request
from werkzeug.datastructures import EnvironHeaders
from werkzeug.routing import Rule as WerkzeugRule
from werkzeug.utils import cached_property


class SentHeaders(EnvironHeaders):
    """A request's headers, of which a missing one is told without an exception: that costs as much as a hook."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and _name(key) in self.environ

    @overload  # type: ignore[override]
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, default: str) -> str: ...
    @overload
    def get(self, key: str, default: str | None = None, type: Callable[[str], Any] | None = None) -> Any: ...
    def get(self, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        """Return the header `key`, through `type` where given, else `default`."""
        if _name(key) not in self.environ:
            return default
        return super().get(key, default, type)  # type: ignore[arg-type]


def _name(key: str) -> str:
    """Return what WSGI calls the header `key` (PEP 3333)."""
    name = key.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


class SentRequest(Request):
    """A request as it was sent."""

    @cached_property
    def headers(self) -> SentHeaders:  # type: ignore[override]
        """What was sent with it."""
        return SentHeaders(self.environ)


class Rule(WerkzeugRule):
    """A rule that learns to build addresses when the first is asked of it: for most, no process ever does.

    To learn it takes nine tenths of the time in which an application is made.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        learn = partial(super()._compile_builder, append_unknown)
        learned: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not learned:
                learned.append(learn())
            return learned[0](rule, **values)

        return build


class Application(Flask):
    """A Flask application in which nothing is a coroutine."""

    request_class = SentRequest
    url_rule_class = Rule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func` as it is; Flask would look at each hook's code on each request."""
        return func
