"""What was told to rooms: kept for an hour, so that who was away hears it too."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime, json_column
from wihy.core.database import Base


class LiveRoom(Base):
    """How much was ever told to a room. The row stays, so that no sequence is given twice."""

    __tablename__ = "live_rooms"

    room: Mapped[str] = mapped_column(String(300), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)


class LiveEvent(Base):
    """A fact that a room was told. The sequences of a room have no gap, and are committed in their order."""

    __tablename__ = "live_events"

    room: Mapped[str] = mapped_column(String(300), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(json_column())
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
