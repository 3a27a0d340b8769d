"""`flask --app wsgi users …` and `keys …`: people and programs, managed from the terminal."""

from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup
from pydantic import TypeAdapter, ValidationError

from wihy.accounts import keys as api_keys
from wihy.accounts import passwords, service
from wihy.accounts.models import User
from wihy.accounts.schemas import Email, Name, NewPassword, Role, Scope
from wihy.core import clock
from wihy.core.database import transaction
from wihy.core.errors import Refusal

users = AppGroup("users", help="Manage staff users.")
keys = AppGroup("keys", help="Manage API keys.")


class Checked(click.ParamType[str]):
    """An argument that keeps the same rules as in the API."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._adapter = TypeAdapter[str](kind)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return `value` as it is stored, or say what is wrong with it."""
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            self.fail(error.errors()[0]["msg"].removeprefix("Value error, "), param, ctx)


ROLES = [role.value for role in Role]  # click would offer the names of an enumeration
SCOPES = [scope.value for scope in Scope]
EMAIL = Checked("e-mail", Email)
PASSWORD = Checked("password", NewPassword)
NAME = Checked("name", Name)
password_options = (
    click.option("--password", type=PASSWORD, help="The password (others may see it in the process list)."),
    click.option("--prompt", is_flag=True, help="Ask for the password; else one is generated and printed."),
)


def _with_password(command: Any) -> Any:
    for option in reversed(password_options):
        command = option(command)
    return command


@users.command("create")
@click.argument("email", type=EMAIL)
@click.option("--role", type=click.Choice(ROLES), default=Role.VIEWER.value, show_default=True)
@_with_password
def create(email: str, role: str, password: str | None, prompt: bool) -> None:
    """Create a staff user."""
    chosen = _chosen(password, prompt)
    password_hash = passwords.hash_aside(chosen)
    try:
        with transaction():
            service.create_user(email, password_hash, role)
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"Created the {role} {email}.")
    _tell_generated(chosen, password, prompt)


@users.command("set-password")
@click.argument("email", type=EMAIL)
@_with_password
def set_password(email: str, password: str | None, prompt: bool) -> None:
    """Set a new password and end all sessions of the user."""
    chosen = _chosen(password, prompt)
    password_hash = passwords.hash_aside(chosen)
    with transaction():
        service.set_password(_get(email), password_hash)
    click.echo(f"Set the password of {email}; all sessions ended.")
    _tell_generated(chosen, password, prompt)


@users.command("list")
def list_users() -> None:
    """List all staff users."""
    for user in service.list_users():
        state = "active" if user.is_active else "deactivated"
        last_login = clock.to_text(user.last_login) if user.last_login else "never signed in"
        click.echo(f"{user.email}\t{user.role}\t{state}\t{last_login}\t{','.join(user.permissions)}".rstrip())


@users.command("deactivate")
@click.argument("email", type=EMAIL)
def deactivate(email: str) -> None:
    """Deactivate a staff user and end all sessions."""
    try:
        with transaction():
            service.change_user(_get(email).id, {"is_active": False})
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"Deactivated {email}.")


@keys.command("create")
@click.argument("name", type=NAME)
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True)
def create_key(name: str, scopes: tuple[str, ...]) -> None:
    """Make an API key and print it, this once."""
    with transaction():
        _, text = api_keys.create_key(name, scopes)
    click.echo(text)


@keys.command("list")
def list_keys() -> None:
    """List all API keys."""
    for key in api_keys.list_keys():
        state = "revoked" if key.revoked_at else "active"
        last_used = clock.to_text(key.last_used_at) if key.last_used_at else "never used"
        click.echo(f"{key.id}\t{key.name}\t{state}\t{last_used}\t{','.join(key.scopes)}")


@keys.command("revoke")
@click.argument("key_id", type=click.UUID)
def revoke_key(key_id: UUID) -> None:
    """Revoke an API key."""
    try:
        with transaction():
            key = api_keys.revoke_key(key_id)
    except Refusal:
        raise click.ClickException("there is no such key") from None
    click.echo(f"Revoked {key.name}.")


def _get(email: str) -> User:
    user = service.find_user(email)
    if user is None:
        raise click.ClickException(f"there is no user {email}")
    return user


def _chosen(password: str | None, prompt: bool) -> str:
    if prompt:
        return str(click.prompt("Password", type=PASSWORD, hide_input=True, confirmation_prompt=True))
    return password or passwords.generate_password()


def _tell_generated(chosen: str, password: str | None, prompt: bool) -> None:
    if not (password or prompt):
        click.echo(f"Password: {chosen}")
