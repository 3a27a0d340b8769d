"""Saved links; events of one are found by their combinations.

Revision: 0008, follows: 0007
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("referrer", sa.String(length=255), nullable=False),
        sa.Column("campaign", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_links")),
        sa.UniqueConstraint("slug", name=op.f("uq_saved_links_slug")),
    )
    op.create_index("ix_saved_links_created_at_id", "saved_links", ["created_at", "id"])
    op.create_index(op.f("ix_saved_links_referrer"), "saved_links", ["referrer"])
    op.create_index(op.f("ix_saved_links_source"), "saved_links", ["source"])
    is_given = sa.text("link_slug IS NOT NULL")
    op.create_index(
        "ix_combinations_link_slug",
        "combinations",
        ["link_slug"],
        postgresql_where=is_given,
        sqlite_where=is_given,
    )


def downgrade() -> None:
    op.drop_index("ix_combinations_link_slug", "combinations")
    op.drop_table("saved_links")
