"""The records of host applications that belong to customers.

Revision: 0013, follows: 0012
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime, json_column

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = (
    "'event', 'ride', 'order', 'booking', 'event_service', 'in_dining_order', 'parking_booking', 'menu_item', "
    "'table'"
)


def upgrade() -> None:
    op.create_table(
        "service_records",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=True),
        sa.Column("details", json_column(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_service_records_kind")),
        sa.CheckConstraint(
            "(customer_id IS NULL) = (kind IN ('menu_item', 'table'))",
            name=op.f("ck_service_records_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_service_records_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_service_records")),
    )
    op.create_index(
        "ix_service_records_customer_id_kind_id", "service_records", ["customer_id", "kind", "id"]
    )


def downgrade() -> None:
    op.drop_table("service_records")
