"""How often: limits shared through Redis where there is one, in memory otherwise or when it is gone."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, g, request
from flask_limiter import Limiter, RouteLimit

from config import Settings
from wihy.core.access import KEY_HEADER, Kind, Way, who_asks
from wihy.core.client_address import client_address
from wihy.core.settings import settings

View = TypeVar("View", bound=Callable[..., Any])

limiter = Limiter(key_func=client_address)


def register(app: Flask, settings: Settings) -> None:
    """Keep the limits of `app` where its settings say."""
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_KEY_PREFIX="wihy",
    )

    limiter.init_app(app)
    # every limit stands on its route: looking for others on each request costs more than a capture's checks
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    put_headers = app.after_request_funcs[None].pop()
    release = app.teardown_request_funcs[None].pop()

    @app.after_request
    def tell_limit(response: Response) -> Response:
        if "is_limited" not in g:
            return response
        response = put_headers(response)  # type: ignore[assignment]
        if response.status_code < 400:  # the limiter puts it on every answer
            response.headers.pop("Retry-After", None)
        return response

    @app.teardown_request
    def forget_limit(error: BaseException | None) -> None:
        if "is_limited" in g:
            release(error)


def limit_by_address(
    setting: str, *, cost: int | Callable[[], int] = 1, exempt: Callable[[], bool] = lambda: False
) -> Callable[[View], View]:
    """Limit a route per client address and minute; a request weighs `cost`, which must not raise.

    `setting` names the number of requests, 0 for no limit; routes with the same setting share one count.
    """
    limit = limiter.shared_limit(_per_minute(setting), scope=setting, cost=cost)
    return _limited(limit, lambda: _is_off(setting) or exempt())


def limit_staff_api(view: View) -> View:
    """Limit a route of the staff's JSON API per user or key; what a browser's cookie vouches for is not counted."""
    setting = "rate_limit_admin"
    limit = limiter.shared_limit(_per_minute(setting), scope=setting, key_func=lambda: who_asks().get_id())
    return _limited(limit, lambda: _is_off(setting) or not _is_program())(view)


def _limited(limit: RouteLimit, is_exempt: Callable[[], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        limited = limit(view)

        @wraps(view)
        def judged(*args: Any, **kwargs: Any) -> Any:
            if is_exempt():
                return view(*args, **kwargs)
            g.is_limited = True
            return limited(*args, **kwargs)

        return judged  # type: ignore[return-value]

    return decorate


def is_by_key() -> bool:
    """Whether an API key vouches for the current request."""
    return KEY_HEADER in request.headers and who_asks().kind is Kind.API_KEY


def _is_program() -> bool:
    return who_asks().way in (Way.BEARER, Way.KEY)


def _per_minute(setting: str) -> Callable[[], str]:
    return lambda: f"{max(1, getattr(settings(), setting))}/minute"


def _is_off(setting: str) -> bool:
    return bool(getattr(settings(), setting) == 0)


@limit_by_address("rate_limit_capture")
def check_capture_limit() -> None:
    """Count the current request as a capture of its sender's; raises where these are too many."""
