"""Points: the ledger, what each customer's entries add up to, and awards that are still owed.

Revision: 0015, follows: 0014
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "points_ledger",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("credit_cents", sa.Integer(), nullable=False),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _of_a_customer("points_ledger"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_ledger")),
        sa.UniqueConstraint("customer_id", "action", "reference", name="uq_points_ledger_award"),
    )
    op.create_index("ix_points_ledger_customer_id_at_id", "points_ledger", ["customer_id", "at", "id"])
    op.create_index("ix_points_ledger_customer_id_day", "points_ledger", ["customer_id", "day"])
    op.create_table(
        "points_balances",
        sa.Column("customer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("credit_cents", sa.BigInteger(), nullable=False),
        _of_a_customer("points_balances"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_points_balances")),
    )
    op.create_table(
        "pending_awards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("credit_cents", sa.Integer(), nullable=False),
        sa.Column("earned_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("error", sa.String(length=64), nullable=False),
        _of_a_customer("pending_awards"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_awards")),
        sa.UniqueConstraint("customer_id", "action", "reference", name="uq_pending_awards_award"),
    )
    op.create_index(op.f("ix_pending_awards_next_try_at"), "pending_awards", ["next_try_at"])


def _of_a_customer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["customer_id"],
        ["customers.id"],
        name=op.f(f"fk_{table}_customer_id_customers"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_table("pending_awards")
    op.drop_table("points_balances")
    op.drop_table("points_ledger")
