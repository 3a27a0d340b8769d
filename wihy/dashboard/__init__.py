"""The staff's tracking pages, composed of analytics, partners and links."""
