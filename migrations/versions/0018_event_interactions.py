"""Customers' interactions with events and services.

Revision: 0018, follows: 0017
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime, json_column

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TYPES = (
    "'booking_added', 'order_added', 'ride_added', 'in_dining_order_added', 'parking_booking_added', "
    "'menu_item_selected', 'table_selected', 'event_updated'"
)


def upgrade() -> None:
    op.create_table(
        "event_interactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("record_kind", sa.String(length=32), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("details", json_column(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(f"type IN ({TYPES})", name=op.f("ck_event_interactions_type")),
        _of_a_customer("event_interactions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_interactions")),
        sqlite_autoincrement=True,
    )
    for column in ("id", "created_at"):
        op.create_index(
            f"ix_event_interactions_customer_id_{column}", "event_interactions", ["customer_id", column]
        )
    op.create_table(
        "event_interaction_days",
        sa.Column("customer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        _of_a_customer("event_interaction_days"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_event_interaction_days")),
    )
    op.create_table(
        "event_engaged_periods",
        sa.Column("customer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        _of_a_customer("event_engaged_periods"),
        sa.PrimaryKeyConstraint("customer_id", "period", name=op.f("pk_event_engaged_periods")),
    )


def downgrade() -> None:
    for table in ("event_engaged_periods", "event_interaction_days", "event_interactions"):
        op.drop_table(table)


def _of_a_customer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["customer_id"],
        ["customers.id"],
        name=op.f(f"fk_{table}_customer_id_customers"),
        ondelete="CASCADE",
    )
