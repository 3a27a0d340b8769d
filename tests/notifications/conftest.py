"""The stage of notifications' tests."""

from tests.outbox.conftest import mailing_app, sink

__all__ = ["mailing_app", "sink"]
