"""The state of a dashboard page, all of it in the address: so it can be shared, and going back works."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from flask import request
from pydantic import Field, PrivateAttr, ValidationError

from wihy.analytics.service import (
    PRESETS,
    Comparison,
    Dimension,
    Metric,
    Period,
    Range,
    Selection,
    Step,
    period_of,
)
from wihy.core.errors import InvalidRequest

STEPS_FROM_DAYS = {Step.WEEK: 14, Step.MONTH: 60}
LONGEST_BY_DAY = 400

FILTERS: Mapping[str, str] = {
    "partner": "Partner or source",
    "campaign": "Campaign",
    "landingPage": "Landing page",
    "destination": "Destination",
    "originalSource": "Original source",
    "referrer": "Referrer",
    "eventType": "Direction",
    "link": "Saved link",
}
KEPT = frozenset({"period", "from", "to", "tz", "compare", "metric", "step", *FILTERS})
FILTER_OF = {
    Dimension.REFERRER: "referrer",
    Dimension.PARTNER: "partner",
    Dimension.CAMPAIGN: "campaign",
    Dimension.LANDING_PAGE: "landingPage",
    Dimension.DESTINATION: "destination",
    Dimension.ORIGINAL_SOURCE: "originalSource",
}


class State(Selection, Range):
    """What an address of the dashboard says: which events, which days, what of them, compared with what."""

    period: Literal["today", "24h", "7d", "28d", "month", "last_month", "12mo", "all"] = "28d"
    compare: Literal["previous", "year", "none"] = "previous"
    metric: Literal["clicks", "conversions", "rate", "visitors", "events"] = "clicks"
    step: Step | None = None
    part: Literal["figures", "recent"] | None = None
    q: Annotated[str, Field(max_length=255)] = ""
    sort: Metric | None = None
    cursor: Annotated[str, Field(max_length=255)] | None = None
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    _locked: frozenset[str] = PrivateAttr(default=frozenset())  # private: no address can say it

    @classmethod
    def of_request(cls, zone_name: str) -> "State":
        """Return the state of the current request; days are those of `zone_name` unless the address says `tz`."""
        try:
            return cls.model_validate({"tz": zone_name, **request.args})
        except ValidationError as error:
            raise InvalidRequest.of(error) from None

    def locked_to(self, filters: Selection) -> Self:
        """Return this state within `filters`: they hold whatever the address says, and nothing takes them off."""
        state = self.model_copy(update=filters.model_dump(exclude_none=True))
        state._locked = frozenset(filters.model_dump(by_alias=True, exclude_none=True))
        return state

    @property
    def locked(self) -> frozenset[str]:
        """The filters that cannot be taken off, by their names in the address; none for staff."""
        return self._locked

    def without(self, dimension: Dimension) -> Self:
        """Return the state with one of its filters taken off, unless that is locked."""
        return self if FILTER_OF[dimension] in self._locked else super().without(dimension)

    @property
    def is_custom(self) -> bool:
        """Whether days were chosen one by one."""
        return self.from_ is not None or self.to is not None

    def chosen_period(self, now: datetime) -> Period | None:
        """Return the period shown, None for all time."""
        return period_of(self) if self.is_custom else PRESETS[self.period].make(self.zone, now)

    def comparison(self, period: Period | None) -> Comparison | None:
        """Return what `period` is compared with: all time has nothing before it."""
        return None if period is None or self.compare == "none" else Comparison(self.compare)

    def steps(self, period: Period) -> list[Step]:
        """Return how finely the chart of `period` can be drawn, where there is a choice."""
        if period.step is Step.HOUR:
            return []
        days = (period.last - period.first).days + 1
        finest = [Step.DAY] if days <= LONGEST_BY_DAY else []
        offered = finest + [step for step, least in STEPS_FROM_DAYS.items() if days >= least]
        return offered if len(offered) > 1 else []

    def shown_step(self, period: Period) -> Step:
        """Return how finely the chart of `period` is drawn."""
        return self.step if self.step in self.steps(period) else period.step


def url(path: str, **changes: Any) -> str:
    """Return `path` with the current address's parameters and `changes` (None takes one away)."""
    kept = {name: value for name, value in request.args.items() if name in KEPT}
    query = {name: value for name, value in (kept | changes).items() if value is not None}
    return f"{path}?{urlencode(query)}" if query else path


def hidden(*without: str, **kept: Any) -> list[tuple[str, str]]:
    """Return the current address's parameters but those a form itself sets, and `kept` (but None)."""
    given = {name: value for name, value in request.args.items() if name in KEPT and name not in without}
    return [(name, value) for name, value in (given | kept).items() if value is not None]
