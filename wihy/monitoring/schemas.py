"""What the health addresses answer."""

from typing import Annotated

from pydantic import Field

from wihy.core.schemas import Outgoing
from wihy.monitoring.health import PartHealth, State


class Alive(Outgoing):
    """The process runs."""

    status: Annotated[str, Field(examples=["ok"])] = "ok"


class Readiness(Outgoing):
    """Whether this process can serve, and how each part of it is."""

    status: State
    parts: Annotated[
        dict[str, PartHealth],
        Field(
            examples=[
                {"database": {"status": "ok"}, "redis": {"status": "warning", "message": "cannot be reached"}}
            ]
        ),
    ]
