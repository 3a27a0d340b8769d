"""The language partners are written to in.

Revision: 0010, follows: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partner_access", sa.Column("language", sa.String(length=8)))


def downgrade() -> None:
    with op.batch_alter_table("partner_access") as table:
        table.drop_column("language")
