"""`flask --app wsgi points check`."""

import pytest
from flask import Flask

from tests.conftest import add_customer
from tests.points.awarding import give, run
from wihy.points.service import SUPPORT_INTERACTION


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, with three customers who have points."""
    for customer_id in (7, 8, 9):
        add_customer(app, customer_id)
        give(app, "ticket:1:created", SUPPORT_INTERACTION, customer_id)
    return app


def test_what_is_right_is_told(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["points", "check"])
    assert (told.exit_code, told.output) == (0, "All balances are right.\n")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE points_balances SET points = 1011 WHERE customer_id = 8", "1,011 points and 20 cents"),
        ("UPDATE points_balances SET credit_cents = 0 WHERE customer_id = 8", "10 points and 0 cents"),
        ("DELETE FROM points_balances WHERE customer_id = 8", "0 points and 0 cents"),
    ],
)
def test_a_balance_that_is_wrong_is_told(app: Flask, damage: str, told: str) -> None:
    run(app, damage)
    result = app.test_cli_runner().invoke(args=["points", "check"])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"customer 8: the balance is {told}, the entries add up to 10 and 20",
        "Wrong balances: 1.",
    ]


def test_an_entry_that_is_lost_is_noticed(app: Flask) -> None:
    run(app, "DELETE FROM points_ledger WHERE customer_id = 9")
    result = app.test_cli_runner().invoke(args=["points", "check"])
    assert result.exit_code == 1
    assert "customer 9: the balance is 10 points and 20 cents, the entries add up to 0 and 0" in result.output
