"""From what was sent to a capture: defaults, who the visitor is, whether it is a bot."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import Headers

from wihy.core.clock import now
from wihy.core.errors import InvalidRequest
from wihy.core.ids import new_id
from wihy.tracking.bots import is_bot, is_prefetch
from wihy.tracking.capture import Capture
from wihy.tracking.models import EventType
from wihy.tracking.schemas import LONGEST_USER_AGENT, NewEvent

DEFAULT_CAMPAIGNS = {EventType.INBOUND: "direct", EventType.OUTBOUND: "outbound_click"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends captures: a visitor's browser, or (`is_program`) a program that speaks for visitors by its key."""

    address: str
    user_agent: str
    is_prefetching: bool
    is_program: bool

    @classmethod
    def of(cls, headers: Headers, address: str, *, is_program: bool) -> "Sender":
        """Return the sender of a request with `headers` from `address`."""
        user_agent = headers.get("User-Agent", "")[:LONGEST_USER_AGENT]
        return cls(address, user_agent, is_prefetch(headers), is_program)


def read_event(sent: Any) -> NewEvent:
    """Return the event that the decoded JSON `sent` holds; raises `InvalidRequest` with every problem."""
    try:
        return NewEvent.model_validate(sent)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def to_capture(event: NewEvent, sender: Sender, link_slug: str | None = None) -> Capture:
    """Return the capture of `event` as sent by `sender`, through the saved link `link_slug` if any."""
    if sender.is_program:
        user_agent, address = event.user_agent or None, event.client_ip
        bot = user_agent is not None and is_bot(user_agent)
    else:
        user_agent, address = event.user_agent or sender.user_agent, sender.address
        bot = sender.is_prefetching or is_bot(user_agent)
    return Capture(
        id=event.event_id or new_id(),
        timestamp=event.timestamp or now(),
        referrer=event.referrer,
        campaign=event.campaign or DEFAULT_CAMPAIGNS[event.event_type],
        landing_page=event.landing_page,
        original_source=event.original_source or event.referrer,
        destination_url=event.destination_url,
        event_type=event.event_type,
        user_agent=user_agent,
        address=address,
        session_id=event.session_id,
        link_slug=link_slug,
        is_bot=bot,
    )
