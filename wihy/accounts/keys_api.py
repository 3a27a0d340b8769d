"""API keys of programs: `/api/keys`, for admins."""

from uuid import UUID

from flask import Blueprint

from wihy.accounts import keys
from wihy.accounts.schemas import KeyAnswer, KeyJson, KeysAnswer, NewKey, NewKeyAnswer
from wihy.core.access import allow, staff, who_asks
from wihy.core.database import transaction
from wihy.core.openapi import Answer, answers, spec

routes = Blueprint("accounts_keys_api", __name__)
TAGS = ["Keys"]
admin = staff("keys:write")


@routes.get("")
@allow(admin)
@spec.validate(resp=answers(KeysAnswer), tags=TAGS)
def list_keys() -> Answer:
    """List all API keys, revoked ones too."""
    return KeysAnswer(keys=[KeyJson.model_validate(key) for key in keys.list_keys()])


@routes.post("")
@allow(admin)
@spec.validate(resp=answers(NewKeyAnswer, 201, refusals=(401, 403, 413, 415, 429)), tags=TAGS)
def create_key(json: NewKey) -> Answer:
    """Make an API key.

    `key` goes into the header X-Api-Key. It is shown this once: only a digest is kept.
    """
    with transaction():
        key, text = keys.create_key(json.name, json.scopes, UUID(who_asks().id))
    return NewKeyAnswer(key=text, api_key=KeyJson.model_validate(key)), 201


@routes.delete("/<uuid:key_id>")
@allow(admin)
@spec.validate(resp=answers(KeyAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def revoke_key(key_id: UUID) -> Answer:
    """Revoke an API key at once; one that is revoked already stays as it is."""
    with transaction():
        key = keys.revoke_key(key_id)
    return KeyAnswer(api_key=KeyJson.model_validate(key))
