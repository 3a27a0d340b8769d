"""The link generator: a target, who refers, why."""

from typing import Annotated, Any
from urllib.parse import urlencode

from flask import request
from pydantic import Field, ValidationError, field_validator

from wihy.analytics import service as analytics
from wihy.analytics.service import Dimension, Metric, Selection
from wihy.core.errors import problems
from wihy.core.schemas import Printable, Query, TrackingId
from wihy.core.settings import settings
from wihy.dashboard.state import url
from wihy.partners.queries import names_of
from wihy.tracking import urls

SUGGESTED = 100
EXAMPLES = (
    ("mail", "Newsletter footer", "newsletter_footer"),
    ("mic", "Podcast episode", "podcast_ep_43"),
    ("image", "Story or post", "instagram_story"),
    ("qr", "Poster with QR code", "poster_station"),
)
MESSAGES = {
    "referrer": "Use letters, digits, _ and -, at most 255",
    "campaign": "At most 255 printable characters",
    "source": "At most 255 printable characters",
    "target": "Start with http:// or https://",
}


class NewLink(Query):
    """A link to make."""

    referrer: TrackingId
    campaign: Printable | None = None
    source: Printable | None = None
    target: Annotated[str, Field(max_length=2048)] | None = None

    @field_validator("target")
    @classmethod
    def _is_http(cls, target: str | None) -> str | None:
        if target is not None:
            urls.check_target(target)
        return target


def result_of(typed: dict[str, str]) -> str:
    """Return the tracking link of what was typed; raises `ValidationError`."""
    link = NewLink.model_validate(typed)
    target = link.target or settings().default_destination
    return urls.tracking_url(target, link.referrer, link.campaign, link.source)


def typed_link() -> dict[str, str]:
    """Return what the current request's address or form says of a link."""
    return {name: request.values.get(name, "") for name in NewLink.model_fields}


def generator(path: str) -> dict[str, Any]:
    """Return the generator's page for what the current request asks; nothing is stored."""
    typed = typed_link()
    target = typed["target"] or settings().default_destination
    errors: dict[str, str] = {}
    result = None
    if typed["referrer"]:
        try:
            result = result_of(typed)
        except ValidationError as error:
            errors = {problem["field"]: MESSAGES[problem["field"]] for problem in problems(error)}
    own = settings().public_url
    return {
        "own_address": own if settings().default_destination.rstrip("/") == own.rstrip("/") else None,
        "form": typed | {"target": target},
        "errors": errors,
        "result_url": result,
        "qr_query": urlencode(typed | {"target": target}),
        "example_url": urls.tracking_url(
            settings().default_destination, typed["referrer"] or "partner_or_source", "campaign"
        ),
        "examples": [
            {"icon": icon, "title": title, "campaign": campaign, "url": _filled(path, typed, campaign)}
            for icon, title, campaign in EXAMPLES
        ],
        **_suggestions(),
    }


def _filled(path: str, typed: dict[str, str], campaign: str) -> str:
    changes = {name: value or None for name, value in typed.items()} | {"campaign": campaign}
    return url(path, **changes)


def _suggestions() -> dict[str, list[dict[str, Any]]]:
    """Return the partners and the campaigns with most clicks."""
    counted = analytics.count_combinations(Selection(), None)
    partners, campaigns = (
        analytics.ranked(dimension, counted, Metric.CLICKS)[:SUGGESTED]
        for dimension in (Dimension.PARTNER, Dimension.CAMPAIGN)
    )
    names = names_of([row.name for row in partners])
    return {
        "partners": [
            {"id": row.name, "name": names.get(row.name), "clicks": row.figures.clicks} for row in partners
        ],
        "campaigns": [{"name": row.name, "clicks": row.figures.clicks} for row in campaigns],
    }
