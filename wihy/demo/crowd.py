"""A crowd: as many clicks as are wanted over ninety days, for measuring an installation that has grown large.

The story of `generator.py` is made to be looked at; this one is made fast, and its number of combinations is bounded:
300 partners with 23 sets of texts each. The same seed and end make the same clicks.
"""

import math
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from hashlib import blake2b
from itertools import accumulate, pairwise
from random import Random
from typing import NamedTuple

from wihy.demo import cast
from wihy.demo.generator import DAYS, HOURS, SESSION_KEPT, WEEKDAYS
from wihy.tracking.models import EventType

PARTNERS = 300
DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
MILLISECONDS_AN_HOUR = 3_600_000
BOT_SHARE = 0.025
VISITORS_FOR_A_CLICK = (
    1.4  # so many may come for each click of a day: about a third of the clicks are of known ones
)
CONVERSION_SHARE = 0.14
OTHER_SOURCE_SHARE = 0.14
TAGGED_SHARE, SOCIAL_SHARE = 0.25, 0.15  # landing pages with campaign parameters; with a network's click id
CAMPAIGNS, DESTINATIONS = 4, 4  # of a partner
DESTINATION_SHARES = 50  # what the shares of four destinations add up to, more or less
PAGE_SHARES = (0.8, 0.13, 0.07)
OUTBOUND_CAMPAIGN = "outbound_click"
VERSION_AND_VARIANT = 7 << 76 | 2 << 62  # of a UUIDv7, RFC 9562
IN_APP_BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "Instagram 390.0.0.28.85 (iPhone15,3; iOS 18_6; en_GB; en-GB; scale=3.00; 1290x2796; 758932198; IABMV/1)"
)


class Way(NamedTuple):
    """One set of texts that clicks have in common; `weight` says how often, between two parts of the ninety days."""

    referrer: str
    campaign: str
    landing_page: str
    original_source: str
    destination_url: str | None
    event_type: str
    weight: float
    begins: float = 0.0
    ends: float = 1.0


class Visitor(NamedTuple):
    """Who clicked on one day: what stands for the address, and (not of bots) for the visitor."""

    address: str
    hash: bytes
    user_agent: str
    session: str


class Click(NamedTuple):
    """A click; `id` is 32 hexadecimal digits, `at` counts milliseconds since its day began."""

    id: str
    at: int
    way: int
    landing_page: str
    visitor: Visitor
    session_id: str | None
    is_bot: bool
    new_visitor: bool


class Crowd:
    """Makes `count` clicks that end at `end`, on the ways of its catalogue."""

    def __init__(self, count: int, seed: int, end: datetime) -> None:
        self._count, self._seed, self._end = count, seed, end
        self._begin = (end - DAYS * DAY).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        self.ways = _catalogue(Random(seed))
        self._tagged = [
            f"{way.landing_page}?utm_source={way.referrer}&utm_medium=social&utm_campaign={way.campaign}"
            for way in self.ways
        ]
        self._agents = [agent for agent, share in cast.BROWSERS.items() for _ in range(share)]
        self._agents += [IN_APP_BROWSER] * 12

    def days(self) -> Iterator[tuple[date, list[Click]]]:
        """Yield each day with its clicks in the order of time."""
        days = [self._begin + number * DAY for number in range(math.ceil((self._end - self._begin) / DAY))]
        sums = [0.0, *accumulate(self._weight(number, day) for number, day in enumerate(days))]
        marks = [round(self._count * mark / sums[-1]) for mark in sums]
        for number, (before, after) in enumerate(pairwise(marks)):
            yield days[number].date(), self._clicks(number, days[number], after - before)

    def _weight(self, number: int, day: datetime) -> float:
        return (1 + number / DAYS) * WEEKDAYS[day.weekday()] * sum(self._hours(day))

    def _hours(self, day: datetime) -> list[float]:
        """Return the weight of each hour of `day`, up to the end."""
        passed = [(self._end - day) / timedelta(hours=1) - hour for hour in range(24)]
        return [weight * min(1.0, max(0.0, part)) for weight, part in zip(HOURS, passed, strict=True)]

    def _moments(self, random: Random, day: datetime, count: int) -> list[int]:
        """Return `count` moments as milliseconds since `day` began, ascending, by the hours people are awake."""
        hours = self._hours(day)
        drawn = random.choices([hour * MILLISECONDS_AN_HOUR for hour in range(24)], hours, k=count)
        last = int((self._end - day) / MILLISECOND)
        length = MILLISECONDS_AN_HOUR
        return sorted(begin + int(random.random() * min(length, last - begin)) for begin in drawn)

    def _draw(self, random: Random, number: int, count: int) -> list[int]:
        """Return the ways of `count` clicks, as places in the catalogue, of those open on this day."""
        progress = number / DAYS
        is_open = [place for place, way in enumerate(self.ways) if way.begins <= progress <= way.ends]
        return random.choices(is_open, [self.ways[place].weight for place in is_open], k=count)

    def _clicks(self, number: int, day: datetime, count: int) -> list[Click]:
        random = Random(f"{self._seed} {day.isoformat()}")
        chance, bits = random.random, random.getrandbits
        began_at = int(day.timestamp() * 1000)
        recent = int((self._end - SESSION_KEPT - day) / MILLISECOND)
        last_of: dict[str, int] = {}
        known: dict[int, Visitor] = {}
        clicks = []
        for at, place in zip(
            self._moments(random, day, count), self._draw(random, number, count), strict=True
        ):
            way = self.ways[place]
            is_bot = chance() < BOT_SHARE
            if is_bot:
                who = -1 - bits(8)
            else:
                who = int(chance() * count * VISITORS_FOR_A_CLICK)
                if way.destination_url:
                    who = last_of.get(way.referrer, who)
                last_of[way.referrer] = who
            visitor = known.get(who)
            is_first = visitor is None
            if visitor is None:
                visitor = known[who] = self._visitor(day, who)
            clicks.append(
                Click(
                    f"{(began_at + at) << 80 | bits(12) << 64 | bits(62) | VERSION_AND_VARIANT:032x}",
                    at,
                    place,
                    self._page(place, chance(), bits),
                    visitor,
                    visitor.session if at > recent and not is_bot else None,
                    is_bot,
                    is_first and not is_bot,
                )
            )
        return clicks

    def _page(self, place: int, chance: float, bits: Callable[[int], int]) -> str:
        if chance < TAGGED_SHARE:
            return self._tagged[place]
        if chance < TAGGED_SHARE + SOCIAL_SHARE:
            return f"{self.ways[place].landing_page}?fbclid=IwZXh0bgNhZW0CMTEAAR{bits(160):040x}"
        return self.ways[place].landing_page

    def _visitor(self, day: datetime, who: int) -> Visitor:
        """Return who `who` (below 0: a bot) is on `day`; another day has other marks for the same."""
        digest = blake2b(f"{self._seed} {day.toordinal()} {who}".encode(), digest_size=40).digest()
        agents = cast.BOTS if who < 0 else self._agents
        address = urlsafe_b64encode(digest[:16])[:22].decode()
        return Visitor(address, digest[16:32], agents[who % len(agents)], digest[32:].hex())


def _catalogue(random: Random) -> list[Way]:
    """Return the ways of all partners, 23 of each, the strongest partners first."""
    ids = [tracking_id for tracking_id, _ in cast.PARTNERS]
    ids += [f"partner_{number:03}" for number in range(len(ids) + 1, PARTNERS + 1)]
    return [way for rank, id_ in enumerate(ids) for way in _ways_of(id_, 1 / (rank + 2.5), random)]


def _ways_of(partner: str, weight: float, random: Random) -> Iterator[Way]:
    campaigns = random.sample(cast.CAMPAIGNS, CAMPAIGNS)
    pages, sources = list(cast.LANDING_PAGES), list(cast.FIRST_SOURCES)
    inbound = weight * (1 - CONVERSION_SHARE) / sum(campaign.weight for campaign in campaigns)
    for number, campaign in enumerate(campaigns):
        season = (campaign.begins, campaign.ends)
        own = campaign.landing_page or "/"
        strength = inbound * campaign.weight
        others = random.sample([page for page in pages if page != own], len(PAGE_SHARES) - 1)
        for page, share in zip((own, *others), PAGE_SHARES, strict=True):
            yield Way(
                partner, campaign.name, page, partner, None, EventType.INBOUND, strength * share, *season
            )
        if number:
            share = OTHER_SOURCE_SHARE
            source = random.choice(sources)
            yield Way(partner, campaign.name, own, source, None, EventType.INBOUND, strength * share, *season)
    for destination, share in random.sample(list(cast.DESTINATIONS.items()), DESTINATIONS):
        for source, part in ((partner, 1 - OTHER_SOURCE_SHARE), (random.choice(sources), OTHER_SOURCE_SHARE)):
            strength = weight * CONVERSION_SHARE * share / DESTINATION_SHARES * part
            yield Way(partner, OUTBOUND_CAMPAIGN, "/", source, destination, EventType.OUTBOUND, strength)
