"""Customers as staff see and change them: `/customers`, `/customers/<id>`.

What succeeds comes back to the page with a message; what is refused shows the page again, with the reason at its form.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wihy.accounts.service import end_customer_sessions, list_sessions, password_hash_of, put_customer
from wihy.core.access import CUSTOMER, allow, staff, who_asks
from wihy.core.database import transaction
from wihy.core.errors import Conflict, InvalidRequest, Refusal
from wihy.core.texts import LANGUAGES
from wihy.core.viewer import zone_names
from wihy.customers.models import IDS, LARGEST_ID
from wihy.customers.queries import RecordPlace, find_customer, list_customers, list_records
from wihy.customers.service import get_customer
from wihy.points.service import reverse
from wihy.web.customer_forms import CustomerSearch, read_changes, read_id, read_search
from wihy.web.customer_points import find_row, read_reversal, shown_points

routes = Blueprint("web_customers", __name__, url_prefix="/customers")

PAGE = "/customers"
READ, WRITE = "customers:read", "customers:write"
SHOWN = ((None, "All"), ("true", "Active"), ("false", "Deactivated"))
MOST_SHOWN = 50
RECORDS_SHOWN = 20
ENTRIES_SHOWN = 10


@routes.get("")
@allow(staff(READ))
def show_customers() -> str:
    """Show all customers, or those that are looked for."""
    return _list_page()


@routes.post("")
@allow(staff(WRITE))
def add_customer() -> ResponseReturnValue:
    """Store a new customer, and go on to their page."""
    try:
        customer_id, changes = read_id(), read_changes()
        password_hash = password_hash_of(changes)
        with transaction():
            if find_customer(customer_id) is not None:
                raise Conflict(details=[{"field": "id", "message": "another customer has this id"}])
            put_customer(customer_id, changes, password_hash)
    except Refusal as refusal:
        return _list_page(**_told(refusal, "create")), refusal.status
    flash(f"Added customer {customer_id}.")
    return redirect(f"{PAGE}/{customer_id}", 303)


@routes.get("/<int:customer_id>")
@allow(staff(READ))
def show_customer(customer_id: int) -> str:
    """Show one customer, their sessions, points and records."""
    return _one_page(customer_id)


@routes.post("/<int:customer_id>")
@allow(staff(WRITE))
def change_customer(customer_id: int) -> ResponseReturnValue:
    """Change what the form names: profile, permissions, or whether the customer is active."""

    def act() -> str:
        changes = read_changes()
        password_hash = password_hash_of(changes)
        with transaction():
            get_customer(customer_id)
            put_customer(customer_id, changes, password_hash)
        if changes.active is not None:
            return "Activated." if changes.active else "Deactivated. Every session has ended."
        return "Saved."

    return _do(customer_id, act)


@routes.post("/<int:customer_id>/sessions/end")
@allow(staff(WRITE))
def end_sessions(customer_id: int) -> ResponseReturnValue:
    """Sign the customer out everywhere."""

    def act() -> str:
        with transaction():
            end_customer_sessions(customer_id)
        return "Every session has ended."

    return _do(customer_id, act)


@routes.post("/<int:customer_id>/points/reversals")
@allow(staff(WRITE))
def reverse_points(customer_id: int) -> ResponseReturnValue:
    """Take back what an entry of the customer's brought."""

    def act() -> str:
        asked = read_reversal()
        with transaction():
            reverse(customer_id, asked.entry_id, asked.reason)
        return "Taken back."

    return _do(customer_id, act)


@routes.get("/<int:customer_id>/points/reversals", defaults={"form": "points"})
@routes.get("/<int:customer_id>/sessions/end", defaults={"form": "sessions"})
@allow(staff(READ))
def show_form(customer_id: int, form: str) -> ResponseReturnValue:
    """Lead to the page whose form this was."""
    return redirect(f"{PAGE}/{customer_id}#{form}")


def _do(customer_id: int, act: Callable[[], str]) -> ResponseReturnValue:
    form = request.form.get("form", "sessions")
    try:
        flash(act())
    except (InvalidRequest, Conflict) as refusal:
        return _one_page(customer_id, **_told(refusal, form)), refusal.status
    return redirect(f"{PAGE}/{customer_id}#{form}", 303)


def _told(refusal: Refusal, form: str) -> dict[str, Any]:
    problems = {detail["field"]: detail["message"] for detail in refusal.details}
    if refusal.code == "EMAIL_TAKEN":
        problems = {"email": refusal.message}
    return {
        "form": form,
        "form_error": "" if problems else refusal.message,
        "form_problems": problems,
        "typed": request.form,
    }


def _list_page(**told: Any) -> str:
    asked = read_search()
    active = None if asked.active is None else asked.active == "true"
    page = list_customers(limit=MOST_SHOWN, q=asked.q, active=active, after=asked.cursor)
    older = page.next_cursor
    return render_template(
        "web/customers.html",
        customers=page.customers,
        q=asked.q,
        active=asked.active,
        tabs=[
            {
                "label": label,
                "url": _address(asked, active=value, cursor=None),
                "current": value == asked.active,
            }
            for value, label in SHOWN
        ],
        is_narrowed=bool(asked.q or asked.cursor or asked.active),
        older_url=_address(asked, cursor=older) if older else None,
        newest_url=_address(asked, cursor=None) if asked.cursor else None,
        largest_id=LARGEST_ID,
        **_choices(),
        **{"form": None, "form_error": "", "form_problems": {}, "typed": {}, **told},
    )


def _one_page(customer_id: int, **told: Any) -> str:
    customer = get_customer(customer_id)
    page = list_records(limit=RECORDS_SHOWN, customer_id=customer_id, after=_place())
    older = page.next_place
    return render_template(
        "web/customer.html",
        customer=customer,
        url=f"{PAGE}/{customer_id}",
        sessions=list_sessions(customer.principal),
        records=page.records,
        older_url=f"{PAGE}/{customer_id}?{urlencode({'records': f'{older.kind}:{older.id}'})}#records"
        if older
        else None,
        newest_url=f"{PAGE}/{customer_id}#records" if request.args.get("records") else None,
        points=shown_points(customer_id, f"{PAGE}/{customer_id}", limit=ENTRIES_SHOWN),
        reversing=find_row(customer_id, request.form.get("entryId") or request.args.get("reverse")),
        customer_permissions=sorted(CUSTOMER),
        **_choices(),
        **{"form": None, "form_error": "", "form_problems": {}, "typed": {}, **told},
    )


def _choices() -> dict[str, Any]:
    return {
        "may_write": WRITE in who_asks().permissions,
        "languages": LANGUAGES,
        "zones": sorted(name for name in zone_names() if "/" in name or name == "UTC"),
    }


def _place() -> RecordPlace | None:
    """Return behind which record the list begins; an address that says nothing of use begins it anew."""
    kind, _, number = request.args.get("records", "").partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) <= len(str(LARGEST_ID))
    return RecordPlace(kind, int(number)) if is_number and int(number) in IDS and "\0" not in kind else None


def _address(asked: CustomerSearch, **changes: Any) -> str:
    kept = {"q": asked.q, "active": asked.active, "cursor": asked.cursor} | changes
    text = urlencode({name: value for name, value in kept.items() if value})
    return f"{PAGE}?{text}" if text else PAGE
