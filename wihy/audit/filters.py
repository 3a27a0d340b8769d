"""Which entries of the audit log are asked for."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, or_

from wihy.audit.models import AuditEntry
from wihy.core.days import DayIn, ZoneName, not_before_first
from wihy.core.schemas import Query, Text

LONGEST_ACTOR, LONGEST_ACTION, LONGEST_THING = 64, 64, 320


class Filters(Query):
    """Conditions that all must hold."""

    actor: Annotated[Text, Field(max_length=LONGEST_ACTOR)] | None = Field(
        None, description="Who did it: `staff:<id>`, `customer:7`, `api_key:<id>`, `system`, `stranger`."
    )
    action: Annotated[Text, Field(max_length=LONGEST_ACTION)] | None = Field(
        None, description="What was done.", examples=["LINK_CREATED"]
    )
    thing: Annotated[Text, Field(max_length=LONGEST_THING)] | None = Field(
        None,
        description="On what: one thing, `link:spring`, or all of a kind, `link`.",
        examples=["link:spring"],
    )
    from_: DayIn | None = Field(None, alias="from", description="First day.", examples=["2026-10-24"])
    to: DayIn | None = Field(None, description="Last day, included.", examples=["2026-11-20"])
    tz: ZoneName = Field(
        "UTC", description="IANA time zone in which days begin and end.", examples=["Africa/Nairobi"]
    )

    _in_order = field_validator("to")(not_before_first)

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what an entry must fulfil."""
        found: list[ColumnElement[bool]] = []
        if self.actor:
            found.append(AuditEntry.actor == self.actor)
        if self.action:
            found.append(AuditEntry.action == self.action)
        if self.thing:
            of_kind = AuditEntry.thing.startswith(f"{self.thing}:", autoescape=True)
            is_kind = ":" not in self.thing
            found.append(
                or_(AuditEntry.thing == self.thing, of_kind) if is_kind else AuditEntry.thing == self.thing
            )
        if self.from_:
            found.append(AuditEntry.at >= self._begin(self.from_))
        if self.to:
            found.append(AuditEntry.at < self._begin(self.to + timedelta(days=1)))
        return found

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.tz))
