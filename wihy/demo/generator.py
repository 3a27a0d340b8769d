"""The generator of sample data: ninety days of plausible clicks, the same for the same seed and end.

Weekdays differ, traffic grows, campaigns come and go, partners join; people come back, some convert, a few are bots.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, pairwise
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from wihy.demo import cast
from wihy.tracking.models import EventType

DAYS = 90
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SESSION_KEPT = timedelta(hours=24)
BOT_SHARE = 0.03
RETURN_SHARE = 0.3
LINK_SHARE = 0.5  # of the clicks that could have come through a saved link
REMEMBERED_VISITS = 400
WEEKDAYS = (1.0, 1.06, 1.08, 1.02, 0.92, 0.72, 0.80)
HOURS = (2, 1, 1, 1, 2, 4, 7, 10, 12, 11, 10, 10, 12, 12, 10, 9, 10, 12, 15, 17, 17, 14, 9, 5)
RECENT = timedelta(minutes=10)
RECENT_EVENTS = 28

Row = dict[str, Any]


class Partner(NamedTuple):
    """How a partner (or a plain source) behaves."""

    id: str
    weight: float
    joined: float
    conversion: float
    favourites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's way through a campaign: what comes back when the person does."""

    visitor: int
    referrer: str
    source: str
    campaign: str
    user_agent: str


class Draw:
    """Draws one of `weights`' keys."""

    def __init__(self, weights: dict[str, float]) -> None:
        self._keys = tuple(weights)
        self._sums = tuple(accumulate(weights.values()))

    def one(self, random: Random) -> str:
        """Return a key."""
        return random.choices(self._keys, cum_weights=self._sums)[0]


class Generator:
    """Makes `count` events that end at `end`; a seed and an end always make the same."""

    def __init__(self, count: int, seed: int, end: datetime) -> None:
        self._count, self._end = count, end
        self._begin = (end - DAYS * DAY).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        self._random = Random(f"{seed} {end.isoformat()}")
        self._partners = _partners(Random(seed))
        self._browsers = Draw(dict(cast.BROWSERS))
        self._pages = Draw(dict(cast.LANDING_PAGES))
        self._destinations = Draw(dict(cast.DESTINATIONS))
        self._first_sources = Draw(dict(cast.FIRST_SOURCES))
        self._visits: list[Visit] = []
        self._seen_today: set[int] = set()
        self._visitors = 0

    def rows(self) -> Iterator[Row]:
        """Yield the events as rows of `tracking_events` without `combination_id`, day by day."""
        recent = min(RECENT_EVENTS, self._count // 20)
        quotas = self._quotas(self._count - recent)
        for number, quota in enumerate(quotas):
            day = self._begin + number * DAY
            self._seen_today.clear()
            yield from self._rows_between(day, min(day + DAY, self._end), quota)
        yield from self._rows_between(max(day, self._end - RECENT), self._end, recent)

    def _quotas(self, count: int) -> list[int]:
        """Return how many events each day has; they add up to `count`."""
        weights = []
        for number in range(math.ceil((self._end - self._begin) / DAY)):
            day = self._begin + number * DAY
            growth = 1 + 1.1 * number / DAYS
            surprise = 1.75 if number in (34, 61, 79) else self._random.uniform(0.88, 1.12)
            weights.append(growth * WEEKDAYS[day.weekday()] * surprise * self._part_passed(day))
        sums = [0.0, *accumulate(weights)]
        marks = [round(count * mark / sums[-1]) for mark in sums]
        return [after - before for before, after in pairwise(marks)]

    def _part_passed(self, day: datetime) -> float:
        hours = min(24.0, (self._end - day) / HOUR)
        whole = int(hours)
        passed = sum(HOURS[:whole]) + (HOURS[whole] * (hours - whole) if whole < 24 else 0)
        return passed / sum(HOURS)

    def _rows_between(self, begin: datetime, end: datetime, quota: int) -> Iterator[Row]:
        """Yield `quota` events, in the order of time."""
        partners = self._active(begin)
        made: list[Row] = []
        moments = self._moments(begin, end, quota)
        for moment in moments:
            if len(made) < quota:
                made.extend(self._visit(moment, end, partners)[: quota - len(made)])
        made.sort(key=lambda row: (row["timestamp"], row["id"]))
        yield from self._with_newcomers(made)

    def _moments(self, begin: datetime, end: datetime, count: int) -> list[datetime]:
        """Return `count` moments in no order, by the hours people are awake."""
        hours = math.ceil((end - begin) / HOUR)
        lengths = [min(HOUR, end - begin - hour * HOUR) for hour in range(hours)]  # the last may be a part
        weights = [HOURS[(begin.hour + hour) % 24] * (length / HOUR) for hour, length in enumerate(lengths)]
        drawn = self._random.choices(range(hours), weights, k=count) if count else []
        within = (hour * HOUR + self._random.random() * lengths[hour] for hour in drawn)
        return [_to_millisecond(begin + passed) for passed in within]

    def _active(self, day: datetime) -> tuple[list[Partner], list[float]]:
        progress = (day - self._begin) / (DAYS * DAY)
        partners = [partner for partner in self._partners if partner.joined <= progress]
        return partners, list(accumulate(partner.weight for partner in partners))

    def _visit(
        self, moment: datetime, end: datetime, partners: tuple[list[Partner], list[float]]
    ) -> list[Row]:
        """Return a click and, where it converts, the way out."""
        random = self._random
        partner = random.choices(partners[0], cum_weights=partners[1])[0]
        if random.random() < BOT_SHARE:
            return [self._bot(moment, partner)]
        visit = self._returning() or self._new_visit(moment, partner)
        rows = [self._row(moment, visit, EventType.INBOUND, self._landing_page(visit), None)]
        link = _LINKS.get((visit.referrer, visit.campaign))
        if link and visit.source == visit.referrer and random.random() < LINK_SHARE:
            rows[0] |= {"link_slug": link.slug, "landing_page": link.page}
        later = _to_millisecond(moment + timedelta(seconds=random.uniform(15, 900)))
        if random.random() < partner.conversion and later < end:
            rows.append(self._row(later, visit, EventType.OUTBOUND, "/", self._destinations.one(random)))
        return rows

    def _returning(self) -> Visit | None:
        if self._visits and self._random.random() < RETURN_SHARE:
            return self._random.choice(self._visits)
        return None

    def _new_visit(self, moment: datetime, partner: Partner) -> Visit:
        random = self._random
        source = partner.id
        chance = random.random()
        if chance < 0.14:
            source = self._first_sources.one(random)
        elif chance < 0.17:
            source = random.choice(self._partners[:4]).id
        self._visitors += 1
        visit = Visit(
            self._visitors, partner.id, source, self._campaign(moment, partner), self._browsers.one(random)
        )
        if len(self._visits) < REMEMBERED_VISITS:
            self._visits.append(visit)
        else:
            self._visits[random.randrange(REMEMBERED_VISITS)] = visit
        return visit

    def _campaign(self, moment: datetime, partner: Partner) -> str:
        progress = (moment - self._begin) / (DAYS * DAY)
        running = [
            campaign
            for campaign in (cast.CAMPAIGNS[number] for number in partner.favourites)
            if campaign.begins <= progress <= campaign.ends
        ]
        if not running:
            return "direct"
        return self._random.choices(running, [campaign.weight for campaign in running])[0].name

    def _landing_page(self, visit: Visit) -> str:
        chance = self._random.random()
        page = self._pages.one(self._random) if chance > 0.94 else _PAGES[visit.campaign] or "/"
        return page + "?utm_source=wihy" if chance < 0.2 else page

    def _bot(self, moment: datetime, partner: Partner) -> Row:
        agent = self._random.choice(cast.BOTS)
        visit = Visit(
            -self._random.randrange(1, 200), partner.id, partner.id, self._campaign(moment, partner), agent
        )
        return self._row(moment, visit, EventType.INBOUND, self._landing_page(visit), None)

    def _row(
        self, moment: datetime, visit: Visit, kind: EventType, page: str, destination: str | None
    ) -> Row:
        is_recent = (
            self._end - moment < SESSION_KEPT
        )  # older sessions are cleared, as they are from real events
        return {
            "id": _uuid7(moment, self._random),
            "referrer": visit.referrer,
            "campaign": visit.campaign,
            "landing_page": page,
            "original_source": visit.source,
            "destination_url": destination,
            "event_type": kind.value,
            "timestamp": moment,
            "user_agent": visit.user_agent,
            "ip_address": _address(visit.visitor, moment.toordinal()),
            "session_id": f"demo_{visit.visitor}" if is_recent and visit.visitor > 0 else None,
            "link_slug": None,
            "is_bot": visit.visitor < 0,
            "visitor": visit.visitor,
        }

    def _with_newcomers(self, rows: list[Row]) -> Iterator[Row]:
        """Yield `rows` with `new_visitor`: the first of each visitor on this day."""
        for row in rows:
            visitor = row.pop("visitor")
            row["new_visitor"] = visitor > 0 and visitor not in self._seen_today
            self._seen_today.add(visitor)
            yield row


_LINKS = {(link.referrer, link.campaign): link for link in cast.LINKS}
_PAGES = {campaign.name: campaign.landing_page for campaign in cast.CAMPAIGNS}


def _partners(random: Random) -> list[Partner]:
    ids = [tracking_id for tracking_id, _ in cast.PARTNERS]
    made = []
    for rank, name in enumerate(
        [*ids[:8], "instagram", *ids[8:], *(s for s in cast.SOURCES if s != "instagram")]
    ):
        favourites = sorted({0, *random.sample(range(1, len(cast.CAMPAIGNS)), 5)})
        joined = 0.0 if rank < 12 else random.choice((0.0, 0.0, 0.0, random.uniform(0.1, 0.9)))
        made.append(Partner(name, 1 / (rank + 2.5), joined, random.uniform(0.10, 0.30), tuple(favourites)))
    return made


def _uuid7(moment: datetime, random: Random) -> UUID:
    """Return a UUIDv7 (RFC 9562) of `moment`, its random part from `random`."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(
        int=milliseconds << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)
    )


@lru_cache(maxsize=4096)
def _address(visitor: int, day: int) -> str:
    """Return what stands for an address that never was: 22 characters, others on another day."""
    return blake2b(f"{visitor} {day}".encode(), digest_size=11).hexdigest()


def _to_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
