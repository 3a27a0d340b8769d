"""What else happens: every fact and what follows it, in one table."""

from collections.abc import Mapping, Sequence

from wihy.accounts.facts import SessionsEnded
from wihy.core import answers
from wihy.core.facts import Reaction
from wihy.live import inbox, interactions, push, sockets
from wihy.mevents.facts import EngagementAnalyzed, InteractionTracked
from wihy.notifications.facts import NotificationMade
from wihy.partners.facts import PartnerLinkEnded
from wihy.tracking.facts import EventsStored

REACTIONS: Mapping[type, Sequence[Reaction]] = {
    EventsStored: [answers.renew, push.push_captures],
    SessionsEnded: [sockets.close_sessions],
    PartnerLinkEnded: [sockets.close_page],
    NotificationMade: [inbox.tell_notification],
    InteractionTracked: [interactions.tell_interaction],
    EngagementAnalyzed: [interactions.tell_engagement],
}
