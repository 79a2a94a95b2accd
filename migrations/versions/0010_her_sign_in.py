"""A code by text as a way in for who chose it, and sessions that began with one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")

ADDED = (("safe_contacts", "code_by_text"), ("sessions", "by_text"))


def upgrade() -> None:
    """Nobody has chosen it before she was asked."""
    for table, column in ADDED:
        op.add_column(table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "text_codes",
        sa.Column("browser_index", sa.String(32), nullable=False),
        sa.Column("code_name_index", sa.String(32), nullable=False),
        sa.Column("client_id", sa.Integer()),
        sa.Column("code_index", sa.String(32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTC_INSTANT, nullable=False),
        sa.Column("looked_at", UTC_INSTANT),
        sa.Column("expires_at", UTC_INSTANT, nullable=False),
        sa.Column("ended_at", UTC_INSTANT),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_text_codes_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_codes")),
        sa.UniqueConstraint("browser_index", name=op.f("uq_text_codes_browser_index")),
    )
    op.create_index("ix_text_codes_asked_at", "text_codes", ["asked_at"])
    op.create_index("ix_text_codes_client_id", "text_codes", ["client_id"])


def downgrade() -> None:
    op.drop_table("text_codes")
    # A version before this one would take the code for a text without a template, and hold it.
    op.execute("UPDATE texts SET state = 'skipped', reason = 'not_wanted' WHERE kind = 'sign_in_code' AND state = 'waiting'")
    # What began with a code alone must not go on as a session that the passcode opened.
    op.execute("UPDATE sessions SET ended_at = seen_at WHERE by_text AND ended_at IS NULL")
    for table, column in reversed(ADDED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
