"""Named desk devices and kiosks, sessions that lock on a desk, and what staff had typed when theirs locked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("code_index", sa.String(32)),
        sa.Column("code_expires_at", UTC_INSTANT),
        sa.Column("token_index", sa.String(32)),
        sa.Column("paired_at", UTC_INSTANT),
        sa.Column("seen_on", sa.Date()),
        sa.Column("revoked_at", UTC_INSTANT),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_devices_centre_id_centres")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_devices_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("token_index", name=op.f("uq_devices_token_index")),
    )
    op.create_table(
        "kept_staff_forms",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("typed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UTC_INSTANT, nullable=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_staff_forms")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_kept_staff_forms_seal_id")),
    )
    op.create_index("ix_kept_staff_forms_session_id", "kept_staff_forms", ["session_id"])
    op.add_column("sessions", sa.Column("device_id", sa.Integer()))
    op.add_column("sessions", sa.Column("locked_at", UTC_INSTANT))


def downgrade() -> None:
    for column in ("locked_at", "device_id"):
        op.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
    op.drop_table("kept_staff_forms")
    op.drop_table("devices")
