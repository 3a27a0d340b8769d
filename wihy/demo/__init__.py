"""Sample data: a seeded generator of partners, campaigns and clicks."""
