"""The real servers the tests run against: each is started, used and thrown away."""
