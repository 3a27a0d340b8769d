"""Signing in and out by form: `/login`, `/logout`."""

from contextlib import suppress
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from wihy import __version__
from wihy.accounts import sessions, tokens
from wihy.accounts.caller import caller
from wihy.accounts.schemas import Credentials
from wihy.accounts.sign_in import WrongCredentials, sign_in
from wihy.core.access import Kind, allow, anyone, signed_in, who_asks
from wihy.core.database import transaction
from wihy.core.errors import NotFound, Refusal, TooManyRequests
from wihy.core.settings import settings

routes = Blueprint("accounts_pages", __name__)
HOME = "/"
LONGEST_PATH = 2048
CUSTOMER_PAGES = {"me", "tickets"}


@routes.get("/login")
@allow(anyone)
def show_login() -> ResponseReturnValue:
    """Show the form; who is signed in goes on at once."""
    if signed_in.admits(who_asks()):
        return redirect(_first_page(request.args.get("next", ""), who_asks().kind))
    return _login_form()


@routes.post("/login")
@allow(anyone)
def sign_in_by_form() -> ResponseReturnValue:
    """Sign in and go on to `next`, or show the form again with what went wrong."""
    try:
        given = Credentials(
            email=request.form.get("email", ""),
            password=request.form.get("password", ""),
        )
        account, token = sign_in(given.email, given.password, caller())
    except ValidationError:
        return _login_form(WrongCredentials())
    except (WrongCredentials, TooManyRequests) as refusal:
        return _login_form(refusal)
    tokens.give_cookie(token)
    kind = Kind(account.principal.partition(":")[0])
    return redirect(_first_page(request.form.get("next", ""), kind), 303)


@routes.post("/logout")
@allow(anyone)
def sign_out() -> ResponseReturnValue:
    """End the session and go to the form."""
    who = who_asks()
    if who.session_id:
        with suppress(NotFound), transaction():  # it may have ended meanwhile
            sessions.end_session(who.get_id(), who.session_id, is_own=True)
    tokens.take_cookie()
    return redirect("/login", 303)


def local_path(text: str) -> str:
    """Return `text` if it is a path of this site, else the home page: nobody is sent elsewhere."""
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_local and text.isprintable() and len(text) <= LONGEST_PATH else HOME


def _first_page(wanted: str, kind: Kind) -> str:
    """Return where to go after signing in: customers have pages of their own, others would refuse them."""
    path = local_path(wanted)
    is_open = kind is not Kind.CUSTOMER or urlsplit(path).path.split("/")[1] in CUSTOMER_PAGES
    return path if is_open else HOME


def _login_form(refusal: Refusal | None = None) -> ResponseReturnValue:
    page = render_template(
        "accounts/login.html",
        form_error=refusal.message if refusal else None,
        email=request.form.get("email", ""),
        next=request.values.get("next", ""),
        version=__version__,
        can_mail=settings().can_mail,
    )
    return (page, refusal.status, refusal.headers) if refusal else page
