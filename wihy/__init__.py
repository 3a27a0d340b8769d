"""WIHY: capture clicks, see live what came of them, and look after the people behind them."""

__version__ = "1.0.0"
