"""Figures that are written with the events: by day and by quarter of an hour.

Revision: 0002, follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("combinations") as batch:
        batch.add_column(sa.Column("first_seen_on", sa.Date(), nullable=False, server_default="1970-01-01"))
        batch.create_index("ix_combinations_first_seen_on", ["first_seen_on"])
        batch.create_index("ix_combinations_original_source", ["original_source"])
    with op.batch_alter_table("combinations") as batch:
        batch.alter_column("first_seen_on", server_default=None)
    op.create_table(
        "daily_figures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("combination_id", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("bots", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "combination_id", name=op.f("pk_daily_figures")),
    )
    op.create_index("ix_daily_figures_combination_id_day", "daily_figures", ["combination_id", "day"])
    op.create_table(
        "quarter_hour_figures",
        sa.Column("partner", sa.String(length=255), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("event_type", sa.String(length=20), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("bots", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "quarter", "event_type", name=op.f("pk_quarter_hour_figures")),
    )

    _count_what_is_there()


def _count_what_is_there() -> None:
    day, quarter = "date(timestamp)", "CAST(strftime('%s', timestamp) AS INTEGER) / 900"
    if op.get_bind().dialect.name == "postgresql":
        day = "(timestamp AT TIME ZONE 'UTC')::date"
        quarter = "floor(extract(epoch FROM timestamp) / 900)::int"
    counts = (
        "sum(CASE WHEN is_bot THEN 0 ELSE 1 END), sum(CASE WHEN new_visitor AND NOT is_bot THEN 1 ELSE 0 END), "
        "sum(CASE WHEN is_bot THEN 1 ELSE 0 END)"
    )
    op.execute(
        "INSERT INTO daily_figures (day, combination_id, events, visitors, bots) "
        f"SELECT {day}, combination_id, {counts} FROM tracking_events "
        "WHERE combination_id IS NOT NULL GROUP BY 1, 2"
    )
    partner = "CASE c.event_type WHEN 'inbound' THEN c.referrer ELSE c.original_source END"
    for whose, grouped in ((partner, "1, 2, 3"), ("''", "2, 3")):
        op.execute(
            "INSERT INTO quarter_hour_figures (partner, quarter, event_type, events, visitors, bots) "
            f"SELECT {whose}, {quarter}, c.event_type, {counts} FROM tracking_events "
            f"JOIN combinations c ON c.id = combination_id GROUP BY {grouped}"
        )


def downgrade() -> None:
    op.drop_table("quarter_hour_figures")
    op.drop_table("daily_figures")
    with op.batch_alter_table("combinations") as batch:
        batch.drop_index("ix_combinations_original_source")
        batch.drop_index("ix_combinations_first_seen_on")
        batch.drop_column("first_seen_on")
