"""Staff sign-in: passkeys, recovery codes, challenges that were used, and what device a session is on."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("sessions", sa.Column("device", sa.String(30), nullable=False, server_default=""))
    op.create_table(
        "passkeys",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("credential_index", sa.String(32), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("used_at", UTC_INSTANT),
        sa.Column("stopped_at", UTC_INSTANT),
        sa.Column("stopped_why", sa.String(10)),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_passkeys_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_index", name=op.f("uq_passkeys_credential_index")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_passkeys_seal_id")),
    )
    op.create_index("ix_passkeys_staff_id", "passkeys", ["staff_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_index", sa.String(32), nullable=False),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("used_at", UTC_INSTANT),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("staff_id", "code_index", name=op.f("uq_recovery_codes_staff_id_code_index")),
    )
    op.create_table(
        "used_challenges",
        sa.Column("challenge_index", sa.String(32), nullable=False),
        sa.Column("used_at", UTC_INSTANT, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_challenges")),
        sa.UniqueConstraint("challenge_index", name=op.f("uq_used_challenges_challenge_index")),
    )


def downgrade() -> None:
    for table in ("used_challenges", "recovery_codes", "passkeys"):
        op.drop_table(table)
    op.execute("ALTER TABLE sessions DROP COLUMN device")
