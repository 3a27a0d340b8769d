"""What comes in and goes out about points."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from wihy.core.schemas import Incoming, MomentOut, Outgoing, Query, Text
from wihy.points.queries import Balance, EntryPage, ListedEntry

LONGEST_REASON = 500


def _said(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValueError("say why")
    return reason


Reason = Annotated[
    Text,
    Field(min_length=1, max_length=LONGEST_REASON, examples=["The ride was booked twice by mistake"]),
    AfterValidator(_said),
]


class EntryList(Query):
    """Which entries to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Text, Field(max_length=64)] | None = Field(
        None, description="The `nextCursor` of the page before."
    )


class NewReversal(Incoming):
    """Which entry to reverse, and why."""

    entry_id: UUID
    reason: Reason


class BalanceJson(Outgoing):
    """What a customer has."""

    points: int = Field(examples=[25])
    credit_cents: int = Field(description="Hundredths of a dollar.", examples=[20])


class EntryJson(Outgoing):
    """An entry of a customer's ledger."""

    id: UUID
    action: str = Field(description="What was awarded, or `reversal`.", examples=["interaction"])
    reference: str = Field(
        description="What it was awarded for; of a reversal, the id of the entry it reverses.",
        examples=["interaction:123"],
    )
    points: int = Field(examples=[5])
    credit_cents: int = Field(examples=[0])
    capped: bool = Field(description="Nothing was awarded: the day's limit was reached.", examples=[False])
    reversed: bool = Field(description="A later entry took it back.", examples=[False])
    day: date = Field(description="The customer's own day that it counts towards.")
    at: MomentOut

    @classmethod
    def of(cls, listed: ListedEntry) -> Self:
        """Return `listed` as it goes out."""
        return cls.model_validate({**_columns(listed), "reversed": listed.is_reversed})


class StaffEntryJson(EntryJson):
    """An entry, with what only staff read."""

    reason: str | None = Field(description="Why it was reversed.", examples=[None])


def _columns(listed: ListedEntry) -> dict[str, object]:
    return {column.key: getattr(listed.entry, column.key) for column in listed.entry.__table__.columns}


class PointsData(Outgoing):
    """A balance, and the entries it comes from, newest first."""

    balance: BalanceJson
    entries: list[EntryJson]
    next_cursor: str | None = Field(description="null: there are no more.")


class PointsAnswer(Outgoing):
    """A customer's own points."""

    status: Literal["success"] = "success"
    message: str = "Points retrieved successfully"
    data: PointsData

    @classmethod
    def of(cls, balance: Balance, page: EntryPage) -> Self:
        """Return the answer about `balance` and `page`."""
        data = PointsData(
            balance=BalanceJson.model_validate(balance),
            entries=[EntryJson.of(listed) for listed in page.entries],
            next_cursor=cursor_text(page),
        )
        return cls(data=data)


class CustomerPointsAnswer(Outgoing):
    """A customer's points, as staff read them."""

    success: bool = True
    balance: BalanceJson
    entries: list[StaffEntryJson]
    next_cursor: str | None = Field(description="null: there are no more.")

    @classmethod
    def of(cls, balance: Balance, page: EntryPage) -> Self:
        """Return the answer about `balance` and `page`."""
        return cls(
            balance=BalanceJson.model_validate(balance),
            entries=[StaffEntryJson.of(listed) for listed in page.entries],
            next_cursor=cursor_text(page),
        )


class ReversalAnswer(Outgoing):
    """The reversal, and what the customer has now."""

    success: bool = True
    entry: StaffEntryJson
    balance: BalanceJson


def cursor_text(page: EntryPage) -> str | None:
    """Return the cursor of the page behind `page`."""
    return page.next_cursor.to_text() if page.next_cursor else None
