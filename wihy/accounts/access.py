"""Who a token or a key stands for: looked up on each request, never remembered."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from wihy.accounts import sessions, tokens
from wihy.accounts.models import Session, User
from wihy.core.access import Kind, Principal, Way
from wihy.core.database import db
from wihy.customers.queries import find_customer


class Visit(NamedTuple):
    """A request in the name of a session: who, by what token."""

    principal: Principal
    claims: tokens.Claims
    session: Session


def find_visit(token: str, way: Way) -> Visit | None:
    """Return whose `token` this is; `None` if it, its session or its owner no longer counts."""
    claims = tokens.read(token)
    session = sessions.find_live_session(claims.session_id) if claims else None
    if claims is None or session is None or session.principal != claims.subject:
        return None
    principal = _find_principal(session, way)
    return Visit(principal, claims, session) if principal else None


def _find_principal(session: Session, way: Way) -> Principal | None:
    kind, _, number = session.principal.partition(":")
    if kind == Kind.CUSTOMER:
        return _find_customer(session, int(number), way)
    return _find_staff(session, UUID(number), way) if kind == Kind.STAFF else None


def _find_staff(session: Session, user_id: UUID, way: Way) -> Principal | None:
    found = select(User).where(User.id == user_id, User.is_active)
    user = db.session.scalar(found.execution_options(populate_existing=True))
    if user is None:
        return None
    return Principal(
        kind=Kind.STAFF,
        id=str(user.id),
        name=user.email,
        role=user.role or "viewer",
        permissions=user.all_permissions,
        session_id=session.id,
        way=way,
    )


def _find_customer(session: Session, customer_id: int, way: Way) -> Principal | None:
    customer = find_customer(customer_id)
    if customer is None:
        return Principal(Kind.GONE, str(customer_id), way=way)
    if not customer.active:
        return None
    return Principal(
        kind=Kind.CUSTOMER,
        id=str(customer.id),
        name=customer.name,
        role=customer.role,
        permissions=customer.permissions,
        session_id=session.id,
        way=way,
    )
