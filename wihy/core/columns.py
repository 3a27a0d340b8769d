"""Column types that mean the same on PostgreSQL and SQLite."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, `TIMESTAMPTZ` on PostgreSQL, UTC text on SQLite (which forgets zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; a naive one is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that the stored moment is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def json_column() -> Any:
    """Return the type for open objects: `JSONB` on PostgreSQL, text on SQLite."""
    return JSON().with_variant(JSONB(), "postgresql")


class new_uuid(FunctionElement[UUID]):  # noqa: N801 - it stands where SQL functions stand
    """A UUID made by the database, for rows that do not come from this application."""

    inherit_cache = True


@compiles(new_uuid)
def _new_uuid(*_: object, **__: object) -> str:
    return "gen_random_uuid()"


@compiles(new_uuid, "sqlite")
def _new_uuid_sqlite(*_: object, **__: object) -> str:
    return "(lower(hex(randomblob(16))))"
