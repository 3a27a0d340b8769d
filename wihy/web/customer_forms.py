"""The forms of customers' pages, read as the API's bodies."""

from typing import Annotated, Any, Literal

from flask import request
from pydantic import Field, ValidationError

from wihy.accounts.service import CustomerChanges
from wihy.core.errors import InvalidRequest
from wihy.core.schemas import Query, Text
from wihy.customers.models import IDS, LARGEST_ID

TEXTS = ("email", "displayName", "language", "timezone")
BOOLEANS = {"true": True, "false": False}
DENIED = "deniedPermissions"


class CustomerSearch(Query):
    """Which customers to show."""

    q: Annotated[Text, Field(max_length=255)] = ""
    active: Literal["true", "false"] | None = None
    cursor: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None


def read_search() -> CustomerSearch:
    """Return what the address asks for; raises `InvalidRequest`."""
    try:
        return CustomerSearch.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def read_id() -> int:
    """Return the id that was typed; raises `InvalidRequest`."""
    text = request.form.get("id", "").strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    if not is_number or int(text) not in IDS:
        raise InvalidRequest.at("id", f"use a number from 1 to {LARGEST_ID:,}")
    return int(text)


def read_changes() -> CustomerChanges:
    """Return what the form names: an empty text clears, an empty password stays; raises `InvalidRequest`.

    A hidden empty `deniedPermissions` says that none is ticked.
    """
    form: dict[str, Any] = {
        name: request.form[name].strip() or None for name in TEXTS if name in request.form
    }
    if request.form.get("password"):
        form["password"] = request.form["password"]
    if request.form.get("active") in BOOLEANS:
        form["active"] = BOOLEANS[request.form["active"]]
    if DENIED in request.form:
        form[DENIED] = [one for one in request.form.getlist(DENIED) if one]
    try:
        return CustomerChanges.model_validate(form)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None
