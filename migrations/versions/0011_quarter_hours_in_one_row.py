"""One row for the clicks and the conversions of a quarter of an hour.

Revision: 0011, follows: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE, KEPT = "quarter_hour_figures", "quarter_hour_figures_before"
TYPES = {"inbound": "click", "outbound": "conversion"}
COUNTS = ("events", "visitors", "bots")


def upgrade() -> None:
    names = [name for kind in TYPES.values() for name in _names(kind)]
    op.rename_table(TABLE, KEPT)
    _create([*map(_count, names)])
    sums = ", ".join(
        f"sum(CASE event_type WHEN '{event_type}' THEN {count} ELSE 0 END)"
        for event_type in TYPES
        for count in COUNTS
    )
    op.execute(
        f"INSERT INTO {TABLE} (partner, quarter, {', '.join(names)}) "
        f"SELECT partner, quarter, {sums} FROM {KEPT} GROUP BY partner, quarter"
    )
    op.drop_table(KEPT)
    _add_key("partner", "quarter")


def downgrade() -> None:
    op.rename_table(TABLE, KEPT)
    _create([sa.Column("event_type", sa.String(length=20), nullable=False), *map(_count, COUNTS)])
    for event_type, kind in TYPES.items():
        names = ", ".join(_names(kind))
        op.execute(
            f"INSERT INTO {TABLE} (partner, quarter, event_type, {', '.join(COUNTS)}) "
            f"SELECT partner, quarter, '{event_type}', {names} FROM {KEPT} WHERE ({names}) <> (0, 0, 0)"
        )
    op.drop_table(KEPT)
    _add_key("partner", "quarter", "event_type")


def _names(kind: str) -> tuple[str, str, str]:
    return f"{kind}s", f"{kind}_visitors", f"{kind}_bots"


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _create(columns: list[sa.Column[int] | sa.Column[str]]) -> None:
    partner = sa.Column("partner", sa.String(length=255), nullable=False)
    op.create_table(TABLE, partner, _count("quarter"), *columns)


def _add_key(*columns: str) -> None:
    """Name the key when the table is full and the old one, whose key has that name, is gone."""
    with op.batch_alter_table(TABLE) as batch:
        batch.create_primary_key(op.f(f"pk_{TABLE}"), list(columns))
