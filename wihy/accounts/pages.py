"""Signing in and out by form: `/login`, `/logout`."""

from contextlib import suppress

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from wihy import __version__
from wihy.accounts import sessions, tokens
from wihy.accounts.caller import caller
from wihy.accounts.schemas import Credentials
from wihy.accounts.sign_in import WrongCredentials, sign_in
from wihy.core.access import Kind, allow, anyone, who_asks
from wihy.core.database import transaction
from wihy.core.errors import NotFound, Refusal, TooManyRequests
from wihy.core.settings import settings

routes = Blueprint("accounts_pages", __name__)
HOME = "/"
LONGEST_PATH = 2048


@routes.get("/login")
@allow(anyone)
def show_login() -> ResponseReturnValue:
    """Show the form; who is signed in goes on at once."""
    if who_asks().kind is Kind.STAFF:
        return redirect(local_path(request.args.get("next", "")))
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
        _, token = sign_in(given.email, given.password, caller())
    except ValidationError:
        return _login_form(WrongCredentials())
    except (WrongCredentials, TooManyRequests) as refusal:
        return _login_form(refusal)
    tokens.give_cookie(token)
    return redirect(local_path(request.form.get("next", "")), 303)


@routes.post("/logout")
@allow(anyone)
def sign_out() -> ResponseReturnValue:
    """End the session and go to the form."""
    who = who_asks()
    if who.session_id:
        with suppress(NotFound), transaction():  # it may have ended meanwhile
            sessions.end_session(who.get_id(), who.session_id)
    tokens.take_cookie()
    return redirect("/login", 303)


def local_path(text: str) -> str:
    """Return `text` if it is a path of this site, else the home page: nobody is sent elsewhere."""
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_local and text.isprintable() and len(text) <= LONGEST_PATH else HOME


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
