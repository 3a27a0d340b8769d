"""Staff users: `/api/users`, for admins."""

from uuid import UUID

from flask import Blueprint

from wihy.accounts import passwords, service
from wihy.accounts.schemas import (
    NewUser,
    UserAnswer,
    UserChanges,
    UserJson,
    UsersAnswer,
)
from wihy.core.access import allow, staff
from wihy.core.database import transaction
from wihy.core.openapi import Answer, answers, spec

routes = Blueprint("accounts_users_api", __name__)
TAGS = ["Users"]
admin = staff("users:write")


@routes.get("")
@allow(admin)
@spec.validate(resp=answers(UsersAnswer), tags=TAGS)
def list_users() -> Answer:
    """List all staff users."""
    return UsersAnswer(users=[UserJson.model_validate(user) for user in service.list_users()])


@routes.post("")
@allow(admin)
@spec.validate(resp=answers(UserAnswer, 201, refusals=(401, 403, 409, 413, 415, 429)), tags=TAGS)
def create_user(json: NewUser) -> Answer:
    """Create a staff user.

    409 `EMAIL_TAKEN`: another account has this e-mail.
    """
    password_hash = passwords.hash_aside(json.password)
    with transaction():
        user = service.create_user(json.email, password_hash, json.role, json.permissions)
    return UserAnswer(user=UserJson.model_validate(user)), 201


@routes.patch("/<uuid:user_id>")
@allow(admin)
@spec.validate(resp=answers(UserAnswer, refusals=(401, 403, 404, 409, 413, 415, 429)), tags=TAGS)
def update_user(user_id: UUID, json: UserChanges) -> Answer:
    """Change a staff user; a field left out stays.

    A deactivation or a new password ends the user's sessions. 409 `LAST_ADMIN`: no active admin would be left.
    409 `EMAIL_TAKEN`: another account has this e-mail.
    """
    password_hash = passwords.hash_aside(json.password) if json.password else None
    with transaction():
        user = service.change_user(user_id, json.given(), password_hash)
    return UserAnswer(user=UserJson.model_validate(user))
