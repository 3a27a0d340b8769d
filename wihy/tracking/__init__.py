"""Capture: what a click must look like, who is a visitor, who is a bot, and the durable write."""
