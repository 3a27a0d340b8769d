"""The first tables: accounts, tracking, partners.

Revision: 0001, follows:
"""

import sqlalchemy as sa
from alembic import op

from wihy.core.columns import UtcDateTime, json_column, new_uuid

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capture_refusals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=True),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("referrer", sa.String(length=255), nullable=True),
        sa.Column("campaign", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_refusals")),
    )
    op.create_index("ix_capture_refusals_at", "capture_refusals", ["at"])

    op.create_table(
        "combinations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("referrer", sa.String(length=255), nullable=False),
        sa.Column("original_source", sa.String(length=255), nullable=False),
        sa.Column("campaign", sa.String(length=255), nullable=False),
        sa.Column("landing_page", sa.Text(), nullable=False),
        sa.Column("destination", sa.String(length=255), nullable=True),
        sa.Column("event_type", sa.String(length=20), nullable=False),
        sa.Column("link_slug", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_combinations")),
        sa.UniqueConstraint("digest", name=op.f("uq_combinations_digest")),
    )
    op.create_index("ix_combinations_campaign", "combinations", ["campaign"])
    op.create_index("ix_combinations_referrer", "combinations", ["referrer"])

    op.create_table(
        "daily_visitors",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("day", "hash", name=op.f("pk_daily_visitors")),
    )
    op.create_table(
        "partner_access",
        sa.Column("id", sa.Uuid(), server_default=new_uuid(), nullable=False),
        sa.Column("tracking_id", sa.String(length=255), nullable=False),
        sa.Column("partner_name", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("access_token", sa.String(length=255), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=True),
        sa.Column("token_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_access")),
        sa.UniqueConstraint("access_token", name=op.f("uq_partner_access_access_token")),
        sa.UniqueConstraint("tracking_id", name=op.f("uq_partner_access_tracking_id")),
    )
    op.create_index("idx_access_token", "partner_access", ["access_token"])
    op.create_index("idx_tracking_id", "partner_access", ["tracking_id"])

    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_principal", "sessions", ["principal"])

    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index("ix_sign_in_failures_account_at", "sign_in_failures", ["account", "at"])
    op.create_index("ix_sign_in_failures_address_at", "sign_in_failures", ["address", "at"])

    op.create_table(
        "tracking_users",
        sa.Column("id", sa.Uuid(), server_default=new_uuid(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=50), server_default="viewer", nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("last_login", UtcDateTime(), nullable=True),
        sa.Column("permissions", json_column(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("role IN ('admin', 'viewer')", name=op.f("ck_tracking_users_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_users")),
        sa.UniqueConstraint("email", name=op.f("uq_tracking_users_email")),
    )
    op.create_index("idx_email", "tracking_users", ["email"])

    op.create_table(
        "visitor_day_keys",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_visitor_day_keys")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("scopes", json_column(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["tracking_users.id"],
            name=op.f("fk_api_keys_created_by_tracking_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_table(
        "tracking_events",
        sa.Column("id", sa.Uuid(), server_default=new_uuid(), nullable=False),
        sa.Column("timestamp", UtcDateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("combination_id", sa.Integer(), nullable=True),
        sa.Column("is_bot", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("new_visitor", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("referrer", sa.String(length=255), nullable=False),
        sa.Column("campaign", sa.String(length=255), nullable=False),
        sa.Column("landing_page", sa.Text(), nullable=False),
        sa.Column("original_source", sa.String(length=255), nullable=True),
        sa.Column("destination_url", sa.Text(), nullable=True),
        sa.Column("event_type", sa.String(length=20), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("ip_address", sa.String(length=45), nullable=True),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("link_slug", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "event_type IN ('inbound', 'outbound')",
            name=op.f("ck_tracking_events_event_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_events")),
    )
    op.create_index("idx_campaign", "tracking_events", ["campaign"])
    op.create_index("idx_event_type", "tracking_events", ["event_type"])
    op.create_index("idx_original_source", "tracking_events", ["original_source"])
    op.create_index("idx_referrer", "tracking_events", ["referrer"])
    op.create_index(
        "idx_session_id",
        "tracking_events",
        ["session_id"],
        postgresql_where=sa.text("session_id IS NOT NULL"),
        sqlite_where=sa.text("session_id IS NOT NULL"),
    )
    op.create_index("idx_timestamp", "tracking_events", ["timestamp"])


def downgrade() -> None:
    op.drop_table("tracking_events")
    op.drop_table("api_keys")
    op.drop_table("visitor_day_keys")
    op.drop_table("tracking_users")
    op.drop_table("sign_in_failures")
    op.drop_table("sessions")
    op.drop_table("partner_access")
    op.drop_table("daily_visitors")
    op.drop_table("combinations")
    op.drop_table("capture_refusals")
