"""Tables of captured events."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime, new_uuid
from wihy.core.database import Base
from wihy.core.ids import new_id


class EventType(StrEnum):
    """Into the marketed site (a click), or out of it to a destination (a conversion)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Combination(Base):
    """One distinct set of texts in the form figures show: events that count alike name the same one."""

    __tablename__ = "combinations"
    __table_args__ = (
        Index(
            "ix_combinations_link_slug",
            "link_slug",
            postgresql_where=text("link_slug IS NOT NULL"),
            sqlite_where=text("link_slug IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    referrer: Mapped[str] = mapped_column(String(255), index=True)
    original_source: Mapped[str] = mapped_column(String(255), index=True)
    campaign: Mapped[str] = mapped_column(String(255), index=True)
    landing_page: Mapped[str] = mapped_column(Text)
    destination: Mapped[str | None] = mapped_column(String(255))
    event_type: Mapped[str] = mapped_column(String(20))
    link_slug: Mapped[str | None] = mapped_column(String(64))
    first_seen_on: Mapped[date] = mapped_column(Date, index=True)


class Event(Base):
    """One captured click, as it was sent.

    Columns of fixed width come before the texts: behind a text, PostgreSQL leaves a gap before each of them.
    """

    __tablename__ = "tracking_events"
    __table_args__ = (
        CheckConstraint("event_type IN ('inbound', 'outbound')", name="event_type"),
        Index("idx_referrer", "referrer"),
        Index("idx_campaign", "campaign"),
        Index("idx_original_source", "original_source"),
        Index("idx_timestamp", "timestamp"),
        Index("idx_event_type", "event_type"),
        Index("ix_tracking_events_combination_id", "combination_id"),
        Index(
            "idx_session_id",
            "session_id",
            postgresql_where=text("session_id IS NOT NULL"),
            sqlite_where=text("session_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, server_default=new_uuid())
    timestamp: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())
    # no foreign key: checking it would cost a capture a tenth of its writing, and combinations are never deleted
    combination_id: Mapped[int | None] = mapped_column(Integer)
    is_bot: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    new_visitor: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    referrer: Mapped[str] = mapped_column(String(255))
    campaign: Mapped[str] = mapped_column(String(255))
    landing_page: Mapped[str] = mapped_column(Text)
    original_source: Mapped[str | None] = mapped_column(String(255))
    destination_url: Mapped[str | None] = mapped_column(Text)
    event_type: Mapped[str | None] = mapped_column(String(20))
    user_agent: Mapped[str | None] = mapped_column(Text)
    ip_address: Mapped[str | None] = mapped_column(String(45))
    session_id: Mapped[str | None] = mapped_column(String(255))
    link_slug: Mapped[str | None] = mapped_column(String(64))


class VisitorDayKey(Base):
    """The random key of one UTC day under which that day's visitors are hashed; deleted with them."""

    __tablename__ = "visitor_day_keys"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32))


class DailyVisitor(Base):
    """A visitor (address and user agent, hashed) seen on a UTC day."""

    __tablename__ = "daily_visitors"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class CaptureRefusal(Base):
    """A capture that was refused, remembered to explain why it was not credited: no address, no user agent."""

    __tablename__ = "capture_refusals"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reason: Mapped[str] = mapped_column(String(255))
    event_id: Mapped[str | None] = mapped_column(String(255))
    session_id: Mapped[str | None] = mapped_column(String(255))
    referrer: Mapped[str | None] = mapped_column(String(255))
    campaign: Mapped[str | None] = mapped_column(String(255))


class DailyFigure(Base):
    """How many events of one combination lie in a UTC day: written with them, in the same transaction."""

    __tablename__ = "daily_figures"
    __table_args__ = (Index("ix_daily_figures_combination_id_day", "combination_id", "day"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    combination_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    events: Mapped[int] = mapped_column(Integer)
    visitors: Mapped[int] = mapped_column(Integer)
    bots: Mapped[int] = mapped_column(Integer)


class QuarterHourFigure(Base):
    """How many events count for one partner or source in a quarter of an hour; `partner` is empty for all together.

    Clicks and conversions share a row: most partners have both, and one row takes less than two.
    Every time zone's hours and days begin with a quarter of an hour. `quarter` counts them since 1970 (UTC).
    """

    __tablename__ = "quarter_hour_figures"

    partner: Mapped[str] = mapped_column(String(255), primary_key=True)
    quarter: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    clicks: Mapped[int] = mapped_column(Integer)
    click_visitors: Mapped[int] = mapped_column(Integer)
    click_bots: Mapped[int] = mapped_column(Integer)
    conversions: Mapped[int] = mapped_column(Integer)
    conversion_visitors: Mapped[int] = mapped_column(Integer)
    conversion_bots: Mapped[int] = mapped_column(Integer)


class CaptureHour(Base):
    """How many captures one process stored, found stored already, or rejected in an hour (UTC) of their arrival.

    Written with them, in the same transaction. Each process adds to the row of its own slot; the hour is their sum.
    """

    __tablename__ = "capture_hours"

    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    slot: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    stored: Mapped[int] = mapped_column(Integer)
    duplicate: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
