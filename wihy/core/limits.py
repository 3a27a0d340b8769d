"""How often: limits shared through Redis where there is one, in memory otherwise or when it is gone."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

from flask import Flask, Response, g, request
from flask_limiter import Limiter, RouteLimit
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from redis import RedisError

from config import Settings
from wihy.core.access import KEY_HEADER, Kind, Way, who_asks
from wihy.core.client_address import client_address
from wihy.core.rate_storage import SCHEME
from wihy.core.settings import settings

View = TypeVar("View", bound=Callable[..., Any])

KEY_PREFIX = "wihy"
REDIS_SECONDS = 0.5
REFUSED, TOO_MANY = 400, 429
RETRY_AFTER = "Retry-After"
ALWAYS, QUIETLY = "always", "quietly"  # when `X-RateLimit-*` is told


class SteadyLimiter(Limiter):
    """Flask-Limiter, but all that find Redis gone at the same moment count in memory, not only the first of them."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except RedisError:
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)


limiter = SteadyLimiter(key_func=client_address)


def register(app: Flask, settings: Settings) -> None:
    """Keep the limits of `app` where its settings say."""
    app.config.update(
        RATELIMIT_STORAGE_URI=f"{SCHEME}+{settings.redis_url}" if settings.redis_url else "memory://",
        RATELIMIT_STORAGE_OPTIONS=_patience() if settings.redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_STRATEGY="sliding-window-counter",
        RATELIMIT_KEY_PREFIX=KEY_PREFIX,
    )

    limiter.init_app(app)
    # every limit stands on its route: looking for others on each request costs more than a capture's checks
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    put_headers = app.after_request_funcs[None].pop()
    release = app.teardown_request_funcs[None].pop()

    @app.after_request
    def tell_limit(response: Response) -> Response:
        if "is_limited" not in g or (response.status_code < REFUSED and g.is_limited is QUIETLY):
            return response
        own = response.headers.get(RETRY_AFTER)
        try:
            response = put_headers(response)  # type: ignore[assignment]
        except RedisError:  # found gone by several at once: by now their limits are in memory
            response = put_headers(response)  # type: ignore[assignment]
        if own is not None:  # the limiter puts it on every answer
            response.headers[RETRY_AFTER] = own
        elif response.status_code != TOO_MANY:
            response.headers.pop(RETRY_AFTER, None)
        return response

    @app.teardown_request
    def forget_limit(error: BaseException | None) -> None:
        if "is_limited" in g:
            release(error)


def _patience() -> dict[str, float]:
    """Return the options by which a Redis that hangs counts as gone: without them, whoever is limited hangs with it."""
    return {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}


def limit_by_address(
    setting: str,
    *,
    cost: int | Callable[[], int] = 1,
    exempt: Callable[[], bool] = lambda: False,
    told: str = ALWAYS,
) -> Callable[[View], View]:
    """Limit a route per client address and minute; a request weighs `cost`, which must not raise.

    `setting` names the number of requests, 0 for no limit; routes with the same setting share one count. A limit that
    is told `QUIETLY` stands on refusals alone: what is left of it would cost another question to Redis.
    """
    limit = limiter.shared_limit(_per_minute(setting), scope=setting, cost=cost)
    return _limited(limit, lambda: _is_off(setting) or exempt(), told)


def limit_firmly(limit: str, scope: str) -> Callable[[View], View]:
    """Limit a route per client address to `limit` (`10 per 15 minutes`), whatever is set; a count for each `scope`."""
    return _limited(limiter.shared_limit(limit, scope=scope), lambda: False)


def limit_staff_api(view: View) -> View:
    """Limit a route of the staff's JSON API per user or key; what a browser's cookie vouches for is not counted."""
    setting = "rate_limit_admin"
    return _limited(_by_principal(setting), lambda: _is_off(setting) or not _is_program())(view)


def limit_customer_api(view: View) -> View:
    """Limit a route of the customers' JSON API per customer, or who else may use it, however they signed in."""
    setting = "rate_limit_customer"
    return _limited(_by_principal(setting), lambda: _is_off(setting) or not who_asks().is_authenticated)(view)


@cache
def _by_principal(setting: str) -> RouteLimit:
    """Return the one limit of this setting: of several equal ones on a route each would count every request."""
    return limiter.shared_limit(_per_minute(setting), scope=setting, key_func=lambda: who_asks().get_id())


def _limited(limit: RouteLimit, is_exempt: Callable[[], bool], told: str = ALWAYS) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        limited = limit(view)

        @wraps(view)
        def judged(*args: Any, **kwargs: Any) -> Any:
            if is_exempt():
                return view(*args, **kwargs)
            g.is_limited = told
            return limited(*args, **kwargs)

        return judged  # type: ignore[return-value]

    return decorate


def is_within(setting: str, address: str) -> bool:
    """Count a request of `address` as `limit_by_address` does; whether all is well.

    Else (too many, or no answer from Redis) nothing is decided: the limit on the route is to be asked.
    """
    amount = getattr(settings(), setting)
    if not amount:
        return True
    strategy = limiter.limiter
    if settings().redis_url and isinstance(
        strategy.storage, MemoryStorage
    ):  # Redis is gone; the route looks for it
        return False
    try:
        return strategy.hit(RateLimitItemPerMinute(amount), KEY_PREFIX, address, setting)
    except RedisError:
        return False


def is_by_key() -> bool:
    """Whether an API key vouches for the current request."""
    return KEY_HEADER in request.headers and who_asks().kind is Kind.API_KEY


def _is_program() -> bool:
    return who_asks().way in (Way.BEARER, Way.KEY)


def _per_minute(setting: str) -> Callable[[], str]:
    return lambda: f"{max(1, getattr(settings(), setting))}/minute"


def _is_off(setting: str) -> bool:
    return bool(getattr(settings(), setting) == 0)


@limit_by_address("rate_limit_capture", told=QUIETLY)
def check_capture_limit() -> None:
    """Count the current request as a capture of its sender's; raises where these are too many."""
