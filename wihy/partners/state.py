"""What the address of a partner's page asks for: which days, and the campaign of the link to copy."""

from datetime import datetime
from typing import Any, Literal, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import request
from pydantic import ValidationError

from wihy.analytics import service as analytics
from wihy.analytics.service import PARTNER_PRESETS, Period, Range
from wihy.core.errors import InvalidRequest
from wihy.core.schemas import Printable
from wihy.core.viewer import viewer_zone


class State(Range):
    """The parameters of the page; `from` and `to` overrule `period`, and `campaign` filters nothing."""

    period: Literal["30d", "90d", "12mo", "all"] = "30d"
    campaign: Printable | None = None

    @classmethod
    def of_request(cls) -> Self:
        """Return what the current request asks for; raises `InvalidRequest`."""
        try:
            return cls.model_validate(request.args.to_dict())
        except ValidationError as error:
            raise InvalidRequest.of(error) from None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone: the viewer's, unless the address names another."""
        return ZoneInfo(self.tz if "tz" in self.model_fields_set else viewer_zone())

    @property
    def is_custom(self) -> bool:
        """Whether days were chosen one by one."""
        return bool(self.from_ or self.to)

    @property
    def label(self) -> str:
        """The period's name: `30 days`."""
        return "Chosen days" if self.is_custom else PARTNER_PRESETS[self.period].label

    @property
    def in_words(self) -> str:
        """The period as the end of a sentence: `in these 30 days`."""
        return "in these days" if self.is_custom else PARTNER_PRESETS[self.period].in_words

    def chosen_period(self, now: datetime) -> Period | None:
        """Return the days asked for, None for all time."""
        return (
            analytics.period_of(self) if self.is_custom else PARTNER_PRESETS[self.period].make(self.zone, now)
        )

    def given(self, *without: str) -> dict[str, Any]:
        """Return the parameters of the address, but those named."""
        stated = self.model_dump(by_alias=True, mode="json", exclude_defaults=True)
        return {name: value for name, value in stated.items() if name not in without}

    def address(self, path: str, **changes: str | None) -> str:
        """Return the address of `path` in this state with `changes`."""
        query = urlencode({name: value for name, value in (self.given() | changes).items() if value})
        return f"{path}?{query}" if query else path


def page_path(tracking_id: str, below: str = "") -> str:
    """Return the path of the page of `tracking_id`, or of what lies below it."""
    return f"/engagement/{tracking_id}{below}"
