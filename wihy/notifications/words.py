"""What notifications say: one function for each template, which knows what its details are."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wihy.core.texts import translate


class Words(NamedTuple):
    """A notification in some language, as plain text."""

    title: str
    body: str


Details = Mapping[str, Any]
Write = Callable[[Details, str], Words]


def write(template: str, details: Details, language: str) -> Words:
    """Return what the notification says in `language`; raises `KeyError` for a template or a detail that is missing."""
    return TEMPLATES[template](details, language)


def _points_awarded(details: Details, language: str) -> Words:
    """An interaction brought `points` (int); none of them where the limit of the day was reached."""
    points = details["points"]
    if points == 0:
        return Words(
            translate("notifications.points_awarded.limit_title", language),
            translate("notifications.points_awarded.limit_body", language),
        )
    return Words(
        translate("notifications.points_awarded.title", language),
        translate("notifications.points_awarded.body", language, count=points),
    )


def _high_engagement(details: Details, language: str) -> Words:
    """Many `interactions` with so many `events` brought `points` (all int), or none for the limit of the day."""
    summary = translate("notifications.counted.interactions", language, count=details["interactions"])
    if details["events"]:
        summary = translate(
            "notifications.high_engagement.summary",
            language,
            interactions=summary,
            events=translate("notifications.counted.events", language, count=details["events"]),
        )
    praise = translate("notifications.high_engagement.body", language, summary=summary)
    if details["points"]:
        reward = translate("notifications.high_engagement.points", language, count=details["points"])
    else:
        reward = translate("notifications.high_engagement.limit", language)
    return Words(translate("notifications.high_engagement.title", language), f"{praise} {reward}")


TEMPLATES: Mapping[str, Write] = {
    "high_engagement": _high_engagement,
    "points_awarded": _points_awarded,
}
