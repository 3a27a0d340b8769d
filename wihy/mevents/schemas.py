"""What comes in and goes out about interactions and engagement."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, LiteralString, NamedTuple

from pydantic import AfterValidator, Field, StrictInt, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from wihy.core.open_objects import check_open_object
from wihy.core.schemas import Incoming, Outgoing
from wihy.customers.models import IDS, LARGEST_ID
from wihy.mevents.models import InteractionType
from wihy.mevents.subjects import SERVICES, SUBJECTS, Subject

METADATA_BYTES = 4 * 1024
METADATA_DEPTH = 4
EVENT_FIELD = "eventId"
NEEDED = "Field required for this interactionType"
NO_ID = "Input should be a valid integer from 1 to 2147483647"
DIFFERS = "Input should be the same as eventId"

Number = Annotated[StrictInt, Field(ge=1, le=LARGEST_ID)]
Metadata = Annotated[
    dict[str, Any], AfterValidator(lambda given: check_open_object(given, METADATA_BYTES, METADATA_DEPTH))
]


class NewInteraction(Incoming):
    """An interaction to track."""

    event_id: Number | None = Field(None, description="The event it is for, one of your own.", examples=[456])
    interaction_type: InteractionType = Field(examples=["in_dining_order_added"])
    metadata: Metadata = Field(
        default_factory=dict,
        validate_default=True,
        description="Any JSON object, at most 4 KiB and 4 levels deep. It must name the record that these types are "
        "about: `inDiningOrderId`, `parkingBookingId`, `menuItemId`, `tableId`, and `eventId` for `event_updated`. "
        "It may name `bookingId`, `orderId` or `rideId` for the other three.",
        examples=[{"inDiningOrderId": 12}],
    )

    @property
    def record_id(self) -> int | None:
        """The id of the record that it is about, if it names one."""
        named: int | None = self.metadata.get(SUBJECTS[self.interaction_type].field)
        return named

    @field_validator("metadata")
    @classmethod
    def _fits(cls, metadata: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        type_: InteractionType | None = info.data.get("interaction_type")
        problems = _problems(metadata, info.data.get("event_id"), SUBJECTS[type_]) if type_ else ()
        told = [
            InitErrorDetails(type=PydanticCustomError("metadata", message), loc=(field,), input=None)
            for field, message in problems
        ]
        if told:
            raise ValidationError.from_exception_data(cls.__name__, told)
        return metadata


class _Problem(NamedTuple):
    field: str
    message: LiteralString


def _problems(metadata: dict[str, Any], event_id: int | None, subject: Subject) -> Iterator[_Problem]:
    """Yield what is wrong with the ids in `metadata`, which JSON may hold as anything (`true` equals 1)."""
    named, again = metadata.get(subject.field), metadata.get(EVENT_FIELD)
    if named is None and subject.is_needed:
        yield _Problem(subject.field, NEEDED)
    elif named is not None and (type(named) is not int or named not in IDS):
        yield _Problem(subject.field, NO_ID)
    if None not in (event_id, again) and (type(again) is not int or again != event_id):
        yield _Problem(EVENT_FIELD, DIFFERS)


class TrackedData(Outgoing):
    """What became of an interaction."""

    tracking_id: int = Field(examples=[123])
    gamification_error: str | None = Field(
        description="Why no points were added; null: they were, or the day's limit is reached.",
        examples=[None],
    )


class TrackedAnswer(Outgoing):
    """An interaction was tracked."""

    status: Literal["success"] = "success"
    message: str = "Interaction tracked successfully"
    data: TrackedData


class Metrics(Outgoing):
    """A customer's engagement in the last `ENGAGEMENT_PERIOD_DAYS`."""

    total_interactions: int = Field(examples=[25])
    interaction_types: dict[str, int] = Field(
        description="How many of each type that occurred; they add up to `totalInteractions`.",
        examples=[{"booking_added": 14, "order_added": 6, "menu_item_selected": 5}],
    )
    event_count: int = Field(description="How many different events they were for.", examples=[3])
    occasions: dict[str, int] = Field(
        description="How many of these events had each occasion (`details.occasion` of the record), else `other`.",
        examples=[{"birthday": 2, "other": 1}],
    )
    services: dict[str, int] = Field(
        description="How many were for each of the five services.",
        examples=[dict.fromkeys(SERVICES.values(), 0) | {"mtables": 14, "munch": 6}],
    )


class EngagementData(Outgoing):
    """The analysis."""

    metrics: Metrics
    gamification_error: str | None = Field(
        description="Why no points for high engagement were added; null: they were, or there are none to add.",
        examples=[None],
    )


class EngagementAnswer(Outgoing):
    """A customer's engagement was analysed."""

    status: Literal["success"] = "success"
    message: str = "Engagement analyzed successfully"
    data: EngagementData
