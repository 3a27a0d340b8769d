"""What was told to the rooms of the live channel, for who was away.

Revision: 0019, follows: 0018
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime, json_column

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_rooms",
        sa.Column("room", sa.String(length=300), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_live_rooms")),
    )
    op.create_table(
        "live_events",
        sa.Column("room", sa.String(length=300), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=100), nullable=False),
        sa.Column("payload", json_column(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("room", "sequence", name=op.f("pk_live_events")),
    )
    op.create_index("ix_live_events_at", "live_events", ["at"])


def downgrade() -> None:
    op.drop_table("live_events")
    op.drop_table("live_rooms")
