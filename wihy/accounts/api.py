"""Signing in and out, and one's own sessions and password: `/api/auth`."""

from uuid import UUID

from flask import Blueprint

from wihy.accounts import service, sessions, tokens
from wihy.accounts.caller import caller
from wihy.accounts.customer_schemas import CustomerJson, MeAnswer
from wihy.accounts.identity import current_claims
from wihy.accounts.schemas import (
    Credentials,
    Done,
    PasswordChange,
    SessionJson,
    SessionsAnswer,
    SignedInUser,
    SignInAnswer,
    TokenAnswer,
    UserJson,
)
from wihy.accounts.sign_in import change_password, sign_in
from wihy.core.access import Kind, Principal, Way, allow, anyone, signed_in, staff, who_asks
from wihy.core.csrf import masked_token
from wihy.core.database import transaction
from wihy.core.errors import Unauthorized
from wihy.core.openapi import Answer, answers, spec
from wihy.customers.service import get_customer

routes = Blueprint("accounts_api", __name__)
TAGS = ["Sign-in"]


@routes.post("/login")
@allow(anyone)
@spec.validate(resp=answers(SignInAnswer, refusals=(401, 413, 415, 429)), tags=TAGS)
def login(json: Credentials) -> Answer:
    """Sign in, as staff or as a customer who has an e-mail and a password.

    The token is the answer's and the cookie's. Wrong credentials answer 401 whatever was wrong. In 15 minutes 10
    failures for an account from an address, 30 from an address or 100 for an account answer 429 with `Retry-After`.
    """
    account, token = sign_in(json.email, json.password, caller())
    tokens.give_cookie(token)
    return SignInAnswer(token=token, user=SignedInUser.model_validate(account))


@routes.post("/logout")
@allow(signed_in)
@spec.validate(resp=answers(Done), tags=TAGS)
def logout() -> Answer:
    """Sign out: end this session, and with it every token of it."""
    with transaction():
        sessions.end_session(who_asks().get_id(), _own_session(), is_own=True)
    tokens.take_cookie()
    return Done()


@routes.post("/refresh")
@allow(signed_in)
@spec.validate(resp=answers(TokenAnswer), tags=TAGS)
def refresh_token() -> Answer:
    """Renew the token: the same session, a new expiry; it lives as long as the one before was to live."""
    token = tokens.renew(current_claims())
    tokens.give_cookie(token)
    return TokenAnswer(token=token)


@routes.get("/me")
@allow(signed_in)
@spec.validate(resp=answers(MeAnswer), tags=TAGS)
def get_me() -> Answer:
    """Tell who is signed in, and what they may do."""
    me = who_asks()
    return MeAnswer(
        user=_oneself(me),
        all_permissions=sorted(me.permissions),
        session_id=me.session_id,
        csrf_token=masked_token() if me.way is Way.COOKIE else None,
    )


@routes.post("/password")
@allow(staff)
@spec.validate(resp=answers(TokenAnswer, refusals=(401, 403, 413, 415, 429)), tags=TAGS)
def update_password(json: PasswordChange) -> Answer:
    """Change one's own password.

    All sessions end; the answer's token is of a new one. A wrong current password counts as a failed sign-in.
    """
    token = change_password(who_asks().name, json.current_password, json.new_password, caller())
    tokens.give_cookie(token)
    return TokenAnswer(token=token)


@routes.get("/sessions")
@allow(signed_in)
@spec.validate(resp=answers(SessionsAnswer), tags=TAGS)
def list_own_sessions() -> Answer:
    """List one's own sessions."""
    mine = [SessionJson.model_validate(one) for one in sessions.list_sessions(who_asks().get_id())]
    for one in mine:
        one.current = one.id == _own_session()
    return SessionsAnswer(sessions=mine)


@routes.delete("/sessions")
@allow(signed_in)
@spec.validate(resp=answers(Done), tags=TAGS)
def delete_own_sessions() -> Answer:
    """Sign out everywhere, here too."""
    with transaction():
        sessions.end_sessions(who_asks().get_id())
    tokens.take_cookie()
    return Done()


@routes.delete("/sessions/<uuid:session_id>")
@allow(signed_in)
@spec.validate(resp=answers(Done, refusals=(401, 403, 404, 429)), tags=TAGS)
def delete_own_session(session_id: UUID) -> Answer:
    """Sign out one of one's own sessions."""
    with transaction():
        sessions.end_session(who_asks().get_id(), session_id)
    if session_id == _own_session():
        tokens.take_cookie()
    return Done()


def _oneself(me: Principal) -> UserJson | CustomerJson:
    if me.kind is Kind.CUSTOMER:
        return CustomerJson.model_validate(get_customer(int(me.id)))
    return UserJson.model_validate(service.get_user(UUID(me.id)))


def _own_session() -> UUID:
    session_id = who_asks().session_id
    if session_id is None:
        raise Unauthorized
    return session_id
