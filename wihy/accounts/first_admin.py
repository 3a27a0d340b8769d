"""The first admin: the one of `ADMIN_EMAIL`, or in development one that is made up."""

from pydantic import TypeAdapter, ValidationError

from config import ConfigurationError, Settings
from wihy.accounts import passwords, service
from wihy.accounts.schemas import Email, Role
from wihy.core.database import end_reading, transaction, wait_for_turn

LOCAL_ADMIN = "admin@localhost"
_MATTER = "the first admin"


def ensure_first_admin(settings: Settings) -> str | None:
    """Create the first admin where there is none; returns the password of one that was made up, to be shown once.

    `ADMIN_EMAIL` creates, and never changes an account that is there. Without it, production makes none.
    Several processes may start at once. Raises `ConfigurationError`.
    """
    if settings.admin_email and settings.admin_password_hash:
        _ensure(_checked(settings.admin_email), settings.admin_password_hash)
        return None
    return None if settings.is_production else _make_up()


def _ensure(email: str, password_hash: str) -> None:
    with transaction():
        wait_for_turn(_MATTER)
        if service.find_user(email) is not None:
            return
        try:
            service.create_user(email, password_hash, Role.ADMIN)
        except service.EmailTaken:
            raise ConfigurationError("ADMIN_EMAIL: this is the e-mail of a customer") from None


def _make_up() -> str | None:
    if service.has_users():
        end_reading()
        return None
    password = passwords.generate_password()
    password_hash = passwords.hash_aside(password)
    with transaction():
        wait_for_turn(_MATTER)
        if service.has_users():
            return None
        service.create_user(LOCAL_ADMIN, password_hash, Role.ADMIN)
    return password


def _checked(email: str) -> str:
    try:
        return TypeAdapter[str](Email).validate_python(email)
    except ValidationError as error:
        raise ConfigurationError(
            "ADMIN_EMAIL: " + error.errors()[0]["msg"].removeprefix("Value error, ")
        ) from None
