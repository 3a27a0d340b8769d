"""What most would write first: Flask-SQLAlchemy, one `add` and one `commit` a request, no figures, no visitors."""

import os
from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace("://", "+psycopg2://")
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 64}
db = SQLAlchemy(app)


class NaiveEvent(db.Model):  # type: ignore[name-defined,misc]
    """A click, with the indexes that a dashboard counting events would need."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    referrer: Mapped[str] = mapped_column(Text, index=True)
    campaign: Mapped[str] = mapped_column(Text, index=True)
    landing_page: Mapped[str] = mapped_column(Text)
    event_type: Mapped[str] = mapped_column(Text, index=True, default="inbound")
    timestamp: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    user_agent: Mapped[str | None] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(Text, index=True)


@app.post("/api/tracking/capture")
def capture() -> ResponseReturnValue:
    """Store a click."""
    body = request.get_json()
    event = NaiveEvent(
        referrer=body["referrer"],
        campaign=body["campaign"],
        landing_page=body["landingPage"],
        timestamp=datetime.now(UTC),
        user_agent=request.headers.get("User-Agent"),
        session_id=body["sessionId"],
    )
    db.session.add(event)
    db.session.commit()
    return {"success": True, "eventId": str(event.id)}, 201


@app.cli.command("prepare")
def prepare() -> None:
    """Make the table."""
    db.create_all()
