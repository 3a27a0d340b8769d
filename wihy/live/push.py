"""What is pushed to open pages."""

from wihy.tracking.facts import EventsStored


def push_captures(fact: EventsStored) -> None:
    """Tell open dashboards of new events."""
