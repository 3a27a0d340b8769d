"""Saved tracking links and their short addresses."""
