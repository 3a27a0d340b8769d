"""What the tracking of interactions and the analysis of engagement refuse."""

from wihy.core.errors import NotFound, Refusal, TooManyRequests


class InvalidCustomer(NotFound):
    """There is no such customer."""

    code, message = "INVALID_CUSTOMER", "Customer not found"


class InvalidEvent(NotFound):
    """There is no such event, or not for this customer."""

    code, message = "INVALID_EVENT", "Event not found"


class InvalidService(NotFound):
    """There is no such booking, order or ride, or not for this customer."""

    code, message = "INVALID_SERVICE", "Invalid service ID"


class InvalidMenuItem(NotFound):
    """There is no such item on a menu."""

    code, message = "INVALID_MENU_ITEM", "Invalid menu item ID"


class InvalidTable(NotFound):
    """There is no such table."""

    code, message = "INVALID_TABLE", "Invalid table ID"


class TrackingFailed(Refusal):
    """It cannot be tracked; the message says why."""

    code = "INTERACTION_TRACKING_FAILED"


class InsufficientInteractions(Refusal):
    """There are too few interactions to say anything about."""

    code, message = "INSUFFICIENT_INTERACTIONS", "Insufficient interactions"


class MaxInteractionsExceeded(TooManyRequests):
    """The customer's day is full; `retry_after` in seconds."""

    code, message = "MAX_INTERACTIONS_EXCEEDED", "Daily interaction limit exceeded"
