"""Health and the request log."""
