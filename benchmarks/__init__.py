"""Measurements, one command each: they print a table and write `benchmarks/results.json`."""
