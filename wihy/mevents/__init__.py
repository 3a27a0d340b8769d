"""Customers' interactions with events and services, and what they tell of a customer's engagement."""
