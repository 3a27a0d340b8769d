"""One clock and one way to write a moment: UTC, to the millisecond."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment in UTC, cut to the millisecond that answers show, so that order and answers agree."""
    return to_millisecond(datetime.now(UTC))


def to_millisecond(moment: datetime) -> datetime:
    """Return `moment` (aware) in UTC without what is finer than a millisecond."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_text(moment: datetime) -> str:
    """Return `moment` (aware) as `2026-11-20T10:30:00.000Z` (RFC 3339)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
