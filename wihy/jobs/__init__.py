"""The runner of all work by the clock."""
