"""Every figure on a dashboard: filters, periods, comparison. Reads only."""
