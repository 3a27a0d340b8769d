"""Where customers find what they were told."""

INBOX = "/me#notifications"
