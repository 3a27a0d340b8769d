"""What the points' tests do again and again."""

from flask import Flask
from sqlalchemy import select

from wihy.core.database import db, transaction
from wihy.points.models import PendingAward, PointsEntry
from wihy.points.queries import Balance, balance_of, find_differences
from wihy.points.service import INTERACTION, Award, Granted, award

REFUSAL = (
    "CREATE FUNCTION refuse() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''broken''; END' LANGUAGE plpgsql"
)
BREAK_POSTGRESQL = "{refusal}; CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()"
BREAK_SQLITE = (
    "CREATE TRIGGER broken BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'broken'); END"
)


def give(app: Flask, reference: str, what: Award = INTERACTION, customer_id: int = 7) -> Granted:
    """Award in a transaction of its own."""
    with app.app_context(), transaction():
        return award(customer_id, what, reference)


def entries(app: Flask, customer_id: int = 7) -> list[PointsEntry]:
    """Return what was entered, in order."""
    with app.app_context():
        found = select(PointsEntry).where(PointsEntry.customer_id == customer_id)
        return list(db.session.scalars(found.order_by(PointsEntry.at, PointsEntry.id)))


def balance(app: Flask, customer_id: int = 7) -> Balance:
    """Return what the customer has, once it is seen that every balance is right."""
    with app.app_context():
        assert find_differences() == []
        return balance_of(customer_id)


def owed(app: Flask) -> list[PendingAward]:
    """Return the awards that are owed, by their reference."""
    with app.app_context():
        return list(db.session.scalars(select(PendingAward).order_by(PendingAward.reference)))


def break_inserts(app: Flask, table: str = "points_ledger", when: str = "true") -> None:
    """Let the database refuse new rows of `table`: all, or those of which `when` is true."""
    is_sqlite = app.extensions["settings"].database_url.startswith("sqlite")
    statement = BREAK_SQLITE if is_sqlite else BREAK_POSTGRESQL
    run(app, statement.format(refusal=REFUSAL, table=table, when=when))


def repair(app: Flask, table: str = "points_ledger") -> None:
    """Let the database take rows again."""
    is_sqlite = app.extensions["settings"].database_url.startswith("sqlite")
    run(
        app, "DROP TRIGGER broken" if is_sqlite else f"DROP TRIGGER broken ON {table}; DROP FUNCTION refuse()"
    )


def run(app: Flask, statement: str) -> None:
    """Run `statement` of the driver's, committed."""
    with app.app_context(), transaction():
        db.session.connection().exec_driver_sql(statement)
