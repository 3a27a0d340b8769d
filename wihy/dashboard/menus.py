"""The controls of the dashboard's bar: periods, comparison, filters."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from wihy.analytics.service import PRESETS, Period, Selection
from wihy.core.paths import is_tracking_id
from wihy.dashboard.activity import referrer_url
from wihy.dashboard.state import FILTERS, State, hidden, url
from wihy.partners.queries import names_of

CUSTOM_IN_WORDS = "in these days"
DIRECTIONS = {"inbound": "Inbound", "outbound": "Outbound"}
PEOPLE = ("partner", "originalSource", "referrer")
COMPARISONS = {"previous": "Previous period", "year": "Same days a year earlier", "none": "No comparison"}


def period_menu(path: str, state: State, period: Period | None, **kept: Any) -> dict[str, Any]:
    """Return the menu of periods, which lead to `path` with the address's parameters and `kept`."""
    choices = [
        {
            "label": preset.label,
            "url": url(path, **kept, period=preset.name, step=None, **{"from": None, "to": None}),
            "current": not state.is_custom and preset.name == state.period,
            "key": preset.key,
        }
        for preset in PRESETS.values()
    ]
    return {
        "label": "Chosen days" if state.is_custom else PRESETS[state.period].label,
        "starts_on": period.first if period else None,
        "ends_on": period.last if period else None,
        "choices": choices,
        "action": path,
        "hidden": hidden("from", "to", "period", "step", **kept),
    }


def period_in_words(state: State) -> str:
    """Return the period as the end of a sentence: `in these 28 days`."""
    return CUSTOM_IN_WORDS if state.is_custom else PRESETS[state.period].in_words


def comparison_menu(path: str, state: State, period: Period | None) -> dict[str, Any]:
    """Return the menu of comparisons; its key switches between the previous period and none."""
    compared = state.comparison(period)
    switch = "none" if compared else "previous"
    choices = [
        {
            "label": label,
            "url": url(path, compare=name),
            "current": name == (state.compare if compared else "none"),
            "key": "X" if name == switch else None,
        }
        for name, label in COMPARISONS.items()
    ]
    return {
        "label": compared_label(state, period),
        "short_label": "A year earlier" if state.compare == "year" else "Previous",
        "choices": choices if period else choices[-1:],
    }


def compared_label(state: State, period: Period | None) -> str | None:
    """Return what the figures are compared with: `previous 28 days`."""
    compared = state.comparison(period)
    if compared is None or period is None:
        return None
    if state.compare == "year":
        return "a year earlier"
    days = (period.last - period.first + timedelta(days=1)).days
    if state.period == "24h" and not state.is_custom:
        return "previous 24 hours"
    return "previous day" if days == 1 else f"previous {days} days"


def chips(path: str, state: State, *, is_empty: bool = False) -> list[dict[str, Any]]:
    """Return the filters that hold, each with the address without it (None: it is locked).

    Within locked filters nobody is called by name whom nothing there is about (`is_empty`): ids could be tried.
    """
    [shown] = in_words([state], nameless=FILTERS.keys() - state.locked if state.locked and is_empty else ())
    for one in shown:
        name = one["name"]
        is_staffs = name == "partner" and not state.locked
        one["remove_url"] = None if name in state.locked else url(path, **{name: None})
        one["details_url"] = details_url(str(state.partner)) if is_staffs else None
    return shown


def in_words(
    selections: Sequence[Selection], *, nameless: Collection[str] = ()
) -> list[list[dict[str, Any]]]:
    """Return the filters of each of `selections` as people read them, partners by name but in those `nameless`."""
    found = [_given(selection) for selection in selections]
    people = [name for name in PEOPLE if name not in nameless]
    names = names_of({given[name] for given in found for name in people if name in given})
    return [
        [_shown(name, given[name], names if name in people else {}) for name in FILTERS if name in given]
        for given in found
    ]


def _given(selection: Selection) -> dict[str, str]:
    fields = set(Selection.model_fields)
    return selection.model_dump(by_alias=True, mode="json", include=fields, exclude_none=True)


def _shown(name: str, value: str, names: Mapping[str, str]) -> dict[str, Any]:
    words = DIRECTIONS if name == "eventType" else names if name in PEOPLE else {}
    return {
        "name": name,
        "label": FILTERS[name],
        "value": words.get(value, value),
        "id": value if name in PEOPLE and value in names else None,
    }


def details_url(partner: str) -> str | None:
    """Return the address of the page about `partner` in the same state, None for what can be no id."""
    return url(referrer_url(partner), partner=None) if is_tracking_id(partner) else None


def without_filters(path: str) -> str:
    """Return the address of `path` without any filter."""
    return url(path, **dict.fromkeys(FILTERS))


def adding(path: str, locked: Collection[str] = ()) -> dict[str, Any]:
    """Return the menu that adds a filter, but none of those `locked`."""
    offered = ("partner", "campaign", "landingPage", "destination", "originalSource")
    return {
        "action": path,
        "hidden": hidden(),
        "dimensions": [{"name": name, "label": FILTERS[name]} for name in offered if name not in locked],
    }
