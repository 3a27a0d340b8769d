"""The audit log, triggers that keep it from being changed, and whose sign-ins failed.

Revision: 0014, follows: 0013
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime, json_column

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

IS_UNSEALED = sa.text("place IS NULL")
SEALED = ("id", "at", "actor", "action", "thing", "request_id", "details", "personal_digest")
APPEND_ONLY = "the audit log is append-only"


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("thing", sa.String(length=320), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("details", json_column(), nullable=False),
        sa.Column("personal_digest", sa.String(length=64), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        sa.UniqueConstraint("place", name=op.f("uq_audit_log_place")),
    )
    op.create_index("ix_audit_log_at_id", "audit_log", ["at", "id"])
    for column in ("actor", "action", "thing"):
        op.create_index(f"ix_audit_log_{column}_at_id", "audit_log", [column, "at", "id"])
    op.create_index(
        "ix_audit_log_unsealed", "audit_log", ["id"], postgresql_where=IS_UNSEALED, sqlite_where=IS_UNSEALED
    )
    op.create_table(
        "audit_personal",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_log.id"], name=op.f("fk_audit_personal_entry_id_audit_log")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_personal")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.Column("first_place", sa.BigInteger(), nullable=False),
        sa.Column("last_place", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seals")),
    )
    op.add_column("sign_in_failures", sa.Column("principal", sa.String(length=64), nullable=True))
    op.add_column(
        "sign_in_failures",
        sa.Column("is_told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    _guard()


def _guard() -> None:
    """Let rows of the log only be sealed, once, rows of persons only be deleted, and seals only be added."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
        )
        differs, empties = "IS DISTINCT FROM", True
    else:
        differs, empties = "IS NOT", False
    is_changed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in SEALED)
    _refuse("audit_log", "UPDATE", f"OLD.place IS NOT NULL OR {is_changed}")
    _refuse("audit_log", "DELETE")
    _refuse("audit_personal", "UPDATE")
    _refuse("audit_seals", "UPDATE")
    _refuse("audit_seals", "DELETE")
    if empties:
        for table in ("audit_log", "audit_seals"):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "EXECUTE FUNCTION refuse_audit_change()"
            )


def _refuse(table: str, event: str, when: str | None = None) -> None:
    head = f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW"
    condition = f"WHEN ({when})" if when else ""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"{head} {condition} EXECUTE FUNCTION refuse_audit_change()")
    else:
        op.execute(f"{head} {condition} BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END")


def downgrade() -> None:
    for column in ("is_told", "principal"):
        op.drop_column("sign_in_failures", column)
    op.drop_table("audit_seals")
    op.drop_table("audit_personal")
    op.drop_table("audit_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change()")
