"""What comes in and goes out about notifications."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from wihy.core.schemas import MomentOut, Outgoing, Query, Text
from wihy.notifications.queries import Inbox, Told


class NotificationList(Query):
    """Which notifications to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Text, Field(max_length=255)] | None = Field(
        None, description="The `nextCursor` of the page before."
    )


class NotificationJson(Outgoing):
    """A notification, as plain text in the customer's language."""

    id: UUID
    template: str = Field(description="What kind of news it is.", examples=["points_awarded"])
    title: str = Field(examples=["Points received"])
    body: str = Field(examples=["Your interaction brought you 5 points."])
    language: str = Field(description="Of title and body.", examples=["en"])
    created_at: MomentOut
    read_at: MomentOut | None = Field(description="null: not read yet.")

    @classmethod
    def of(cls, told: Told) -> Self:
        """Return `told` as it is told."""
        return cls.model_validate(told)


class InboxJson(Outgoing):
    """A part of the inbox."""

    unread: int = Field(description="How many of all are not read yet.", examples=[2])
    notifications: list[NotificationJson]
    next_cursor: str | None = Field(description="null: there are no more.")


class InboxAnswer(Outgoing):
    """The customer's notifications, the newest first."""

    status: Literal["success"] = "success"
    message: str = "Notifications retrieved successfully"
    data: InboxJson

    @classmethod
    def of(cls, inbox: Inbox) -> Self:
        """Return `inbox` as it is told."""
        told = [NotificationJson.of(each) for each in inbox.told]
        cursor = inbox.next_cursor.to_text() if inbox.next_cursor else None
        data = InboxJson(unread=inbox.unread, notifications=told, next_cursor=cursor)
        return cls(data=data)


class ReadJson(Outgoing):
    """A notification that was read, and how many were not."""

    unread: int = Field(examples=[1])
    notification: NotificationJson


class ReadAnswer(Outgoing):
    """The notification is marked as read."""

    status: Literal["success"] = "success"
    message: str = "Notification marked as read"
    data: ReadJson


class UnreadJson(Outgoing):
    """How many are not read yet."""

    unread: int = Field(examples=[0])


class AllReadAnswer(Outgoing):
    """All notifications are marked as read."""

    status: Literal["success"] = "success"
    message: str = "All notifications marked as read"
    data: UnreadJson
