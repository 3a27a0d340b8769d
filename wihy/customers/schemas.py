"""What comes in and goes out about records of host applications."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt, model_validator

from wihy.core.open_objects import check_open_object
from wihy.core.schemas import Changes, Incoming, MomentOut, Outgoing, Printable, Query, Text
from wihy.customers.models import LARGEST_ID, RecordKind

DETAILS_BYTES = 16 * 1024
DETAILS_DEPTH = 16
MOST_AT_ONCE = 1_000
EXAMPLE = {"pickupLocation": "123 Main St", "dropoffLocation": "456 Elm St"}

Number = Annotated[StrictInt, Field(ge=1, le=LARGEST_ID, examples=[7])]
Details = Annotated[
    dict[str, Any],
    Field(description="Any JSON object, at most 16 KiB and 16 levels deep.", examples=[EXAMPLE]),
    AfterValidator(lambda given: check_open_object(given, DETAILS_BYTES, DETAILS_DEPTH)),
]
Status = Annotated[Printable, Field(max_length=64, examples=["completed"])]


def _tell_no_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class RecordChanges(Changes):
    """What to store about a record: what is left out stays, `null` clears."""

    customer_id: Number | None = Field(
        None,
        description="Whose it is: needed for a new one. Only a menu_item and a table are nobody's.",
        json_schema_extra=_tell_no_default,
    )
    status: Status | None = Field(None, json_schema_extra=_tell_no_default)
    details: Details | None = Field(None, json_schema_extra=_tell_no_default)

    def given(self) -> dict[str, Any]:
        """Return the columns to set: those that are named."""
        named = self.model_dump(exclude_unset=True, include={"customer_id", "status", "details"})
        return named | ({"details": {}} if named.get("details", {}) is None else {})


class NamedRecord(RecordChanges):
    """A record with its name: kind and id."""

    kind: RecordKind
    id: Number

    @property
    def key(self) -> tuple[RecordKind, int]:
        """What no other record has."""
        return self.kind, self.id


class Records(Incoming):
    """Records to store, all or none: `{"records": […]}`, or the list alone."""

    records: Annotated[list[NamedRecord], Field(min_length=1, max_length=MOST_AT_ONCE)]

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, body: Any) -> Any:
        return {"records": body} if isinstance(body, list) else body


class RecordList(Query):
    """Which records to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Text, Field(max_length=64)] | None = Field(
        None, description="The `nextCursor` of the page before."
    )
    customer_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = Field(
        None, description="Default: of all customers, and of none."
    )
    kind: RecordKind | None = Field(None, description="Default: all kinds.")


class RecordJson(Outgoing):
    """A record."""

    kind: str = Field(examples=["ride"])
    id: int = Field(examples=[1])
    customer_id: int | None = Field(description="null: it is offered to all.", examples=[7])
    status: str | None = Field(examples=["completed"])
    details: dict[str, Any] = Field(examples=[EXAMPLE])
    created_at: MomentOut
    updated_at: MomentOut


class RecordAnswer(Outgoing):
    """One record."""

    success: bool = True
    record: RecordJson


class RecordsAnswer(Outgoing):
    """Records by kind, the highest id first."""

    success: bool = True
    records: list[RecordJson]
    next_cursor: str | None = Field(description="null: there are no more.", examples=["ride:1"])


class StoredAnswer(Outgoing):
    """How many records were stored."""

    success: bool = True
    created: int = Field(examples=[998])
    changed: int = Field(examples=[2])


class Done(Outgoing):
    """It is done."""

    success: bool = True
