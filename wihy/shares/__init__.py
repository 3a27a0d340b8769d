"""Shared dashboards: who may look at one without signing in, and until when."""
