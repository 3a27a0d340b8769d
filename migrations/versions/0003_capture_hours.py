"""How many captures were stored, were duplicates, or were rejected, by the hour.

Revision: 0003, follows: 0002
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capture_hours",
        sa.Column("hour", UtcDateTime(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "slot", name=op.f("pk_capture_hours")),
    )
    # when those that are there arrived is not known: the hour they name is the nearest
    hour = "strftime('%Y-%m-%d %H:00:00.000000', timestamp)"
    if op.get_bind().dialect.name == "postgresql":
        hour = "date_trunc('hour', timestamp, 'UTC')"
    op.execute(
        "INSERT INTO capture_hours (hour, slot, stored, duplicate, rejected) "
        f"SELECT {hour}, 0, count(*), 0, 0 FROM tracking_events WHERE combination_id IS NOT NULL GROUP BY 1"
    )


def downgrade() -> None:
    op.drop_table("capture_hours")
