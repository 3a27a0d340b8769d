"""Runs migrations on the database of the current Flask application."""

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

migrate = current_app.extensions["migrate"]
engine = migrate.db.engine


def run(connection: Connection) -> None:
    """Run what is asked for in one transaction, where the database can."""
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    """Run with foreign keys off: altering a table copies it, and dropping the old copy would delete its children."""
    switch_foreign_keys(connection, "OFF")
    run(connection)
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"the migration breaks foreign keys: {broken[:5]}")
    connection.commit()
    switch_foreign_keys(connection, "ON")


def switch_foreign_keys(connection: Connection, state: str) -> None:
    """Set SQLite's enforcement, which it ignores inside a transaction."""
    driver = connection.connection.driver_connection
    connection.rollback()
    driver.execute(f"PRAGMA foreign_keys={state}")


with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        run_on_sqlite(connection)
    else:
        connection.exec_driver_sql("SET statement_timeout = 0")  # rewriting a large table takes its time
        run(connection)
    connection.commit()
