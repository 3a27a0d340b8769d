"""A value that cannot be used stops the start with one line that names its variable."""

import pytest

from config import ConfigurationError, load_settings

GOOD = {"JWT_SECRET": "x" * 32, "IP_HASH_SECRET": "y" * 32}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "99999"),
        ("THREADS", "1"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "postgresql://host:notaport/x"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_REPLICA_URL", "sqlite:///x.sqlite"),
        ("DATABASE_REPLICA_URL", "postgresql://host:notaport/x"),
        ("DATABASE_REPLICA_URL", "postgresql://host/x"),  # there is no primary that is PostgreSQL
        ("REPLICA_MAX_LAG_SECONDS", "-1"),
        ("REPLICA_MAX_LAG_SECONDS", "soon"),
        ("FIGURES_CACHE", "maybe"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://localhost:abc"),
        ("JWT_SECRET", "short"),
        ("JWT_EXPIRY", "24"),
        ("JWT_EXPIRY", "0s"),
        ("JWT_EXPIRY", "99999d"),
        ("ADMIN_PASSWORD_HASH", "plain"),
        ("PUBLIC_URL", "wihy.ai"),
        ("PUBLIC_URL", "http://x:abc"),
        ("RATE_LIMIT_CAPTURE", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("WIHY_ENV", "staging"),
        ("INSTANCE_PATH", "/proc/nope"),
        ("INSTANCE_PATH", "/etc/passwd"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    environment = {name: value} if name == "INSTANCE_PATH" else {**GOOD, name: value}
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environment)
    line = str(refused.value)
    assert line.startswith(f"{name}: ") or "ADMIN_EMAIL and ADMIN_PASSWORD_HASH" in line
    assert "\n" not in line


def test_admin_email_and_hash_go_together() -> None:
    with pytest.raises(ConfigurationError, match="ADMIN_EMAIL and ADMIN_PASSWORD_HASH"):
        load_settings({**GOOD, "ADMIN_EMAIL": "ada@example.org"})


def test_production_names_all_that_is_missing() -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings({"WIHY_ENV": "production", "JWT_SECRET": "x" * 32})
    assert all(name in str(refused.value) for name in ("IP_HASH_SECRET", "PUBLIC_URL", "DATABASE_URL"))
    assert "JWT_SECRET" not in str(refused.value)


def test_addresses_follow_from_one_another() -> None:
    settings = load_settings({**GOOD, "PORT": "9000"})
    assert settings.public_url == settings.site_url == settings.default_destination == "http://localhost:9000"
    settings = load_settings({**GOOD, "PUBLIC_URL": "https://go.wihy.ai/", "SITE_URL": "https://wihy.ai"})
    assert (settings.public_url, settings.default_destination) == ("https://go.wihy.ai", "https://wihy.ai")


def test_postgresql_is_spoken_to_by_the_driver_we_have() -> None:
    for given in ("postgres://u@h/d", "postgresql://u@h/d"):
        settings = load_settings({**GOOD, "DATABASE_URL": given, "DATABASE_REPLICA_URL": given})
        assert settings.database_url == settings.database_replica_url == "postgresql+psycopg2://u@h/d"
