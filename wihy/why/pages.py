"""The page `/why`."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from wihy.core.access import allow, staff
from wihy.core.errors import problems
from wihy.why.schemas import LONGEST, Asked
from wihy.why.service import explain
from wihy.why.steps import Fact, Facts

routes = Blueprint("why_pages", __name__)

PAGE = "/why"
LABELS = {
    "idMadeAt": "Id made at",
    "wihyId": "wihy_id",
    "utmSource": "utm_source",
    "ref": "ref",
    "sameThatDay": "Alike that day",
}
TRACKING_IDS = frozenset({"countsFor", "partner", "referrer", "trackingId"})
WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


@routes.get(PAGE)
@allow(staff)
def show_why() -> ResponseReturnValue:
    """Explain what became of what the address asks about, or what can be asked about."""
    typed = request.args.get("q", "")
    if not typed.strip():
        return _page(typed)
    try:
        asked = Asked.model_validate({"q": typed})
    except ValidationError as error:
        [told, *_] = problems(error)
        return _page(typed[:LONGEST].replace("\0", ""), error=told["message"]), 400
    return _page(typed, explanation=explain(asked.q))


def _page(typed: str, **shown: Any) -> str:
    return render_template(
        "why/why.html", q=typed, **{"explanation": None, "error": "", **shown}, facts=_facts
    )


def _facts(facts: Facts) -> list[Mapping[str, Any]]:
    """Return `facts` as the page lists them: those that are known, in words, with where they lead."""
    return [
        {"label": _label(name), "value": value, "url": _url(name, value)}
        for name, value in facts.items()
        if value is not None
    ]


def _label(name: str) -> str:
    words = WORD.sub(" ", name)
    return LABELS.get(name, words[:1].upper() + words[1:].lower())


def _url(name: str, value: Fact) -> str | None:
    if name in TRACKING_IDS and isinstance(value, str) and re.fullmatch(r"[\w-]+", value, re.ASCII):
        return f"/tracking-dashboard/referrers/{quote(value, safe='')}"
    if name == "link":
        return f"/tracking-admin/links/{quote(str(value), safe='')}"
    if name in ("eventId", "sessionId"):
        return f"{PAGE}?{urlencode({'q': value})}"
    return None
