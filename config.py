"""Configuration: read once from the environment (and `.env`), checked, then never changed.

A value that cannot be used raises `ConfigurationError`, whose text is one line that names the variable.
"""

import os
import re
import secrets as random
from collections.abc import Mapping
from datetime import timedelta
from email.utils import formataddr, parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).parent
DURATION = re.compile(r"(\d{1,8})([smhd])", re.ASCII)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
BCRYPT_HASH = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")
PAIRS = (("admin_email", "admin_password_hash"), ("mail_username", "mail_password"))


class Part(StrEnum):
    """What a process does: all of it, or its part of the work of several (`flask --app wsgi serve`)."""

    ALL = "all"
    WEB = "web"  # answers requests, holds no sockets
    LIVE = "live"  # holds the sockets
    WORKER = "worker"  # does what the clock asks for


class ConfigurationError(Exception):
    """A setting is missing or cannot be used; the text names it."""


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _duration(value: object) -> object:
    if isinstance(value, str) and (match := DURATION.fullmatch(value.strip())):
        duration = timedelta(**{UNITS[match[2]]: int(match[1])})
        if SHORTEST <= duration <= LONGEST:
            return duration
    raise ValueError("write a number and a unit, such as 24h, 30m or 7d, from a minute to a year")


def _list(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _http_url(value: object) -> object:
    if isinstance(value, str):
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("write an address that begins with http:// or https://")
        return value.rstrip("/")
    return value


def _database_url(value: object) -> object:
    if not isinstance(value, str):
        return value
    for prefix in ("postgres://", "postgresql://"):
        if value.startswith(prefix):  # SQLAlchemy 2.1 would take these for another driver
            value = "postgresql+psycopg2://" + value.removeprefix(prefix)
    if not value.startswith(("sqlite:///", "postgresql+psycopg2://")) or value.endswith(":memory:"):
        raise ValueError("write postgresql://… or sqlite:///…")
    try:
        make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("this address cannot be read: check its port and its password") from None
    return value


def _replica_url(value: object) -> object:
    value = _database_url(value)
    if isinstance(value, str) and not value.startswith("postgresql"):
        raise ValueError("write postgresql://…")
    return value


def _redis_url(value: object) -> object:
    if isinstance(value, str):
        parts = urlsplit(value)
        if parts.scheme not in ("redis", "rediss", "unix") or parts.port == 0:
            raise ValueError("write redis://…, rediss://… or unix://…")
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _bcrypt_hash(value: object) -> object:
    if isinstance(value, str) and not BCRYPT_HASH.fullmatch(value):
        raise ValueError("this is not a bcrypt hash ($2b$…); in a shell, put it in single quotes")
    return value


def _mail_from(value: str) -> str:
    name, address = parseaddr(value)
    if not value.isprintable() or address.count("@") != 1 or " " in address:
        raise ValueError("write an address such as wihy@example.com or WIHY <wihy@example.com>")
    return formataddr((name, address))


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Words = Annotated[tuple[str, ...], BeforeValidator(_list)]
HttpUrl = Annotated[str, BeforeValidator(_http_url)]
Secret = Annotated[str, Field(min_length=16)]
Limit = Annotated[int, Field(ge=0, le=1_000_000)]


class Settings(BaseModel):
    """Everything that can be set, by the name of its environment variable in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    wihy_env: Literal["development", "production"] = "development"
    host: str = "0.0.0.0"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    threads: Annotated[int, Field(ge=4, le=1000)] = 64
    wihy_part: Part = Part.ALL
    web_workers: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=_cores)
    live_port: Annotated[int, Field(ge=1, le=65535)] = 8081
    live_sockets: Annotated[int, Field(ge=10, le=5000)] = 500
    instance_path: Path = ROOT / "instance"
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"

    database_url: Annotated[str, BeforeValidator(_database_url)] = ""
    database_replica_url: Annotated[str, BeforeValidator(_replica_url)] | None = None
    replica_max_lag_seconds: Annotated[float, Field(ge=0, le=5)] = 0.2
    redis_url: Annotated[str, BeforeValidator(_redis_url)] | None = None

    jwt_secret: Secret = ""
    jwt_secret_previous: Secret | None = None
    jwt_expiry: Duration = timedelta(hours=24)
    ip_hash_secret: Secret = ""
    session_timeout_hours: Annotated[int, Field(ge=1, le=8760)] = 24
    admin_email: str | None = None
    admin_password_hash: Annotated[str, BeforeValidator(_bcrypt_hash)] | None = None

    public_url: HttpUrl = ""
    site_url: HttpUrl = ""
    default_destination: HttpUrl = ""
    allowed_origins: Words = ("https://wihy.ai", "https://*.wihy.ai", "http://localhost:3000")
    allowed_hosts: Words = ()
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    public_engagement: bool = True
    partner_contact: str | None = None

    group_commit: bool = True
    max_combinations_per_day: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000

    mail_server: str | None = None
    mail_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    mail_username: str | None = None
    mail_password: str | None = None
    mail_use_ssl: bool = False
    mail_use_tls: bool = True
    mail_from: Annotated[str, AfterValidator(_mail_from)] = ""

    figures_cache: bool = True
    metrics_token: Secret | None = None

    rate_limit_capture: Limit = 100
    rate_limit_analytics: Limit = 30
    rate_limit_admin: Limit = 50
    rate_limit_customer: Limit = 120
    max_points_per_day: Limit = 1_000
    max_credit_cents_per_day: Limit = 200
    max_interactions_per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    engagement_period_days: Annotated[int, Field(ge=1, le=366)] = 30
    min_interactions_for_analysis: Annotated[int, Field(ge=1, le=1_000_000)] = 5

    @property
    def is_production(self) -> bool:
        """Whether this installation serves the public (`WIHY_ENV=production`)."""
        return self.wihy_env == "production"

    @property
    def host_behind_proxy(self) -> str:
        """Where parts listen: a proxy stands before them, so without HOST nobody else reaches them."""
        return self.host if "host" in self.model_fields_set else "127.0.0.1"

    @model_validator(mode="after")
    def _pairs_are_whole(self) -> Self:
        for one, other in PAIRS:
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                raise ValueError(f"{one.upper()} and {other.upper()} go together: set both or neither")
        return self

    @property
    def can_mail(self) -> bool:
        """Whether mails reach somebody; in development, whoever watches the terminal."""
        return self.mail_server is not None or not self.is_production

    @model_validator(mode="after")
    def _replica_has_a_primary(self) -> Self:
        if self.database_replica_url and not self.database_url.startswith("postgresql"):
            raise ValueError("DATABASE_REPLICA_URL: needs a DATABASE_URL that is postgresql://…, its primary")
        return self

    @model_validator(mode="after")
    def _parts_are_joined(self) -> Self:
        if self.wihy_part is not Part.ALL and self.redis_url is None:
            raise ValueError("REDIS_URL: required with WIHY_PART, for it joins the parts")
        return self


REQUIRED_IN_PRODUCTION = ("jwt_secret", "ip_hash_secret", "public_url", "database_url")


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `environment` (default: `.env`, overruled by the process's own).

    In development what has no value is made: an SQLite file and secrets in the instance folder (mode 600).
    Raises `ConfigurationError`.
    """
    if environment is None:
        environment = {**{k: v for k, v in dotenv_values(ROOT / ".env").items() if v}, **os.environ}
    given = {
        name: environment[name.upper()] for name in Settings.model_fields if environment.get(name.upper())
    }
    settings = _checked(given)
    if settings.is_production:
        _refuse_missing(given)
    else:
        given = {**_development_secrets(settings.instance_path), **given}
    database = f"sqlite:///{settings.instance_path.resolve() / 'wihy.sqlite'}"
    public_url = given.get("public_url", f"http://localhost:{settings.port}")
    given = {
        "database_url": database,
        "public_url": public_url,
        "site_url": public_url,
        **given,
    }
    given = {
        "default_destination": given["site_url"],
        "mail_from": f"WIHY <wihy@{urlsplit(given['public_url']).hostname}>",
        **given,
    }
    return _checked(given)


def _checked(given: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]).upper() + ": " if first["loc"] else ""
        raise ConfigurationError(name + first["msg"].removeprefix("Value error, ")) from None


def _refuse_missing(given: Mapping[str, str]) -> None:
    missing = [name.upper() for name in REQUIRED_IN_PRODUCTION if name not in given]
    if missing:
        raise ConfigurationError(f"{', '.join(missing)}: required with WIHY_ENV=production")


def _development_secrets(folder: Path) -> dict[str, str]:
    """Return this installation's own secrets, made at the first start."""
    try:
        return _secrets_in(folder)
    except OSError as error:
        raise ConfigurationError(f"INSTANCE_PATH: {error.strerror}: {folder}") from None


def _secrets_in(folder: Path) -> dict[str, str]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = {}
    for name in ("jwt_secret", "ip_hash_secret"):
        file = folder / name
        try:
            with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
                new.write(random.token_urlsafe(48))
        except FileExistsError:
            pass
        made[name] = file.read_text()
    return made
