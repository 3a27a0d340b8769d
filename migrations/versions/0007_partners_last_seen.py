"""When a partner last opened their page.

Revision: 0007, follows: 0006
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partner_access", sa.Column("last_seen_at", UtcDateTime()))


def downgrade() -> None:
    with op.batch_alter_table("partner_access") as table:
        table.drop_column("last_seen_at")
