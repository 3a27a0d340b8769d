"""Production on one host or several: the parts, their processes, and who watches them."""
