"""Everyone who asks: people by their tokens, programs by their keys."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from tests.conftest import add_customer, add_user, key_for, signed_in
from wihy.core.access import GRANTABLE, PERMISSIONS, SCOPES
from wihy.core.database import db, transaction
from wihy.customers.models import Customer

ALICE, BOB, CAROL, GONE = 7, 8, 9, 10
STRANGERS = ("stranger", "link holder", "signed out", "gone", "revoked key")
STAFF = ("admin", "viewer", *(f"viewer with {grant}" for grant in sorted(GRANTABLE)))
CUSTOMERS = ("alice", "bob", "carol")  # carol may do nothing that can be withdrawn
KEYS = ("key without scope", *(f"key with {scope}" for scope in sorted(SCOPES)))
NAMES = (*STRANGERS, *STAFF, *CUSTOMERS, *KEYS)
MEMBERS = {
    "anyone": NAMES,
    "no key": ("stranger", "link holder", "signed out", "gone", *STAFF, *CUSTOMERS),
    "no ended token": tuple(name for name in NAMES if name not in ("signed out", "gone")),
    "link": ("link holder",),
    "signed-in": STAFF + CUSTOMERS,
    "staff": STAFF,
    "admin": ("admin",),
    "customers": CUSTOMERS,
    "owner": ("alice",),
    "self": ("alice", "carol"),
    "gone": (),
    **{grant: ("admin", f"viewer with {grant}") for grant in GRANTABLE},
    **{f"key:{scope}": (f"key with {scope}",) for scope in SCOPES},
}


class Caller(NamedTuple):
    """Somebody who asks. `own` is what paths name for them; all else in paths is alice's, or the house's."""

    client: FlaskClient
    own: dict[str, Any]


def is_let_in(name: str, words: Iterable[str]) -> bool:
    """Whether one of `words` of the table means the caller."""
    return any(name in MEMBERS[word.partition("(")[0]] and _may(word, name) for word in words)


def outcome(name: str, words: Iterable[str]) -> str:
    """Return what becomes of a caller who is not let in."""
    if name == "gone" and "gone" in words:
        return "told that it is not there"
    if "link" in words or name in STRANGERS:
        return "unknown"
    is_hidden = any(word.partition("(")[0] == "owner" and _may(word, name) for word in words)
    return "told that it is not there" if is_hidden and name in CUSTOMERS else "refused"


def _may(word: str, name: str) -> bool:
    """Whether the caller has the permission that `word` names in brackets, if any."""
    permission = word.partition("(")[2].removesuffix(")")
    assert permission in PERMISSIONS["customer"] | {""}, f"there is no permission {permission!r}"
    return not (permission and name == "carol")


def make_cast(app: Flask) -> dict[str, Caller]:
    """Return all callers by their names."""
    add_customer(app, ALICE, "alice@example.org", display_name="Alice Wanjiru")
    add_customer(app, BOB, "bob@example.org")
    add_customer(app, CAROL, "carol@example.org", denied_permissions=sorted(PERMISSIONS["customer"]))
    add_user(app, "admin@example.org", "admin")
    add_user(app, "viewer@example.org")
    for grant in GRANTABLE:
        add_user(app, _email(f"viewer with {grant}"), permissions=(grant,))
    cast = {name: _person(app, name) for name in (*STAFF, *CUSTOMERS)}
    cast["carol"].own["customer_id"] = CAROL
    for name in KEYS:
        scope = name.partition(" with ")[2]
        cast[name] = Caller(_forgetful(key_for(app, *([scope] if scope else []))), {})
    return cast | _strangers(app, cast["admin"].client)


def _email(name: str) -> str:
    return name.replace(" ", "-").replace(":", "-") + "@example.org"


def _forgetful(client: FlaskClient) -> FlaskClient:
    """Return the client without a memory for cookies: one page must not open another."""
    forgetful = client.application.test_client(use_cookies=False)
    forgetful.environ_base.update(client.environ_base)
    return forgetful


def _person(app: Flask, name: str) -> Caller:
    client = _forgetful(signed_in(app, _email(name)))
    [session] = client.get("/api/auth/sessions").json["sessions"]
    return Caller(client, {"session_id": session["id"]})


def _strangers(app: Flask, admin: FlaskClient) -> dict[str, Caller]:
    """Return who never was known (one of them will be given links), and who was once."""
    add_customer(app, GONE, "gone@example.org")
    gone = _forgetful(signed_in(app, "gone@example.org"))
    with app.app_context(), transaction():
        db.session.execute(delete(Customer).where(Customer.id == GONE))
    left = _forgetful(signed_in(app, "admin@example.org"))
    assert left.post("/api/auth/logout").status_code == 200
    revoked = _forgetful(key_for(app, *SCOPES))
    [key] = [one for one in admin.get("/api/keys").json["keys"] if len(one["scopes"]) == len(SCOPES)]
    assert admin.delete(f"/api/keys/{key['id']}").status_code == 200
    clients = (_forgetful(app.test_client()), app.test_client(), left, gone, revoked)
    return {
        name: Caller(client, {"customer_id": GONE} if name == "gone" else {})
        for name, client in zip(STRANGERS, clients, strict=True)
    }
