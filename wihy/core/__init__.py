"""What every room stands on: database, errors, ids, clock, access. Knows nothing of any room."""
