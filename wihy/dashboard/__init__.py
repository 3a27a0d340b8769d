"""The staff's tracking pages, composed of analytics, partners, links and shares."""
