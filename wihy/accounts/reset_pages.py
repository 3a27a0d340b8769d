"""The pages of a forgotten password: `/reset-password`. Reading one changes nothing: scanners open links in mails."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import TypeAdapter, ValidationError

from wihy import __version__
from wihy.accounts.resets import LIFETIME, PATH, LinkEnded, ask_for_link, judge, reset_password
from wihy.accounts.schemas import Email, NewPassword
from wihy.core.access import allow, anyone
from wihy.core.database import transaction
from wihy.core.errors import NotFound, Refusal, problems
from wihy.core.limits import limit_firmly
from wihy.core.settings import settings
from wihy.core.texts import DEFAULT, LANGUAGES

routes = Blueprint("accounts_resets", __name__, url_prefix=PATH)
LIMIT = "10 per 15 minutes"
EMAIL: TypeAdapter[str] = TypeAdapter(Email)
NEW_PASSWORD: TypeAdapter[str] = TypeAdapter(NewPassword)


@routes.before_request
def _refuse_without_mail() -> None:
    if not settings().can_mail:
        raise NotFound


@routes.after_request
def _keep_private(response: Response) -> Response:
    """Let the token in the address go nowhere else."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("")
@allow(anyone)
def show_reset() -> ResponseReturnValue:
    """Show the form that asks for a link or, to who comes by one, the form of the new password."""
    token = request.args.get("token")
    if token is None:
        return _ask_form()
    try:
        return _new_form(token)
    except LinkEnded as refusal:
        return _ask_form(refusal)


@routes.post("")
@allow(anyone)
@limit_firmly(LIMIT, "password reset")
def ask_for_reset() -> ResponseReturnValue:
    """Send a link to who has an account; the answer is the same for all."""
    try:
        email = EMAIL.validate_python(request.form.get("email", ""))
    except ValidationError as error:
        return _ask_form(problem=problems(error)[0]["message"], status=400)
    language = request.accept_languages.best_match(LANGUAGES, DEFAULT)
    with transaction():
        ask_for_link(email, language)
    return _ask_form(is_sent=True, email=email)


@routes.get("/new")
@allow(anyone)
def show_new() -> ResponseReturnValue:
    """Lead to the form: a refused one leaves its address in the browser, but not its token."""
    return redirect(PATH)


@routes.post("/new")
@allow(anyone)
@limit_firmly(LIMIT, "password reset link")
def reset_by_form() -> ResponseReturnValue:
    """Set the new password and lead to the sign-in."""
    token = request.form.get("token", "")
    try:
        new = NEW_PASSWORD.validate_python(request.form.get("newPassword", ""))
        reset_password(token, new)
    except ValidationError as error:
        try:
            return _new_form(token, problem=problems(error)[0]["message"], status=400)
        except LinkEnded as refusal:
            return _ask_form(refusal)
    except LinkEnded as refusal:
        return _ask_form(refusal)
    flash("Your password is changed. Sign in with the new one.")
    return redirect("/login", 303)


def _ask_form(refusal: Refusal | None = None, *, status: int = 200, **shown: Any) -> ResponseReturnValue:
    minutes = int(LIFETIME.total_seconds() // 60)
    given = {
        "email": request.form.get("email", ""),
        "problem": "",
        "is_sent": False,
        "minutes": minutes,
    } | shown
    error = f"{refusal.message}. Ask for a new one." if refusal else None
    page = render_template("accounts/reset_ask.html", form_error=error, version=__version__, **given)
    return make_response(page, refusal.status if refusal else status)


def _new_form(token: str, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    user = judge(token)
    page = render_template(
        "accounts/reset_new.html", token=token, email=user.email, problem=problem, version=__version__
    )
    return make_response(page, status)
