"""Customers, and the records of host applications that belong to them."""
