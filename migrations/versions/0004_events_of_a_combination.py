"""An index that finds the events of a combination: lists of what is rare need not go through all events.

Revision: 0004, follows: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_tracking_events_combination_id", "tracking_events", ["combination_id"])


def downgrade() -> None:
    op.drop_index("ix_tracking_events_combination_id", "tracking_events")
