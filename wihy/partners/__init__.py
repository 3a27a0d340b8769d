"""Partner access and the engagement page."""
