"""Records opened beyond one's reach, and who outside must not know of a woman."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broken_glass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_by", sa.Integer()),
        sa.Column("judged_at", sa.DateTime(timezone=True)),
        sa.Column("was_right", sa.Boolean()),
        sa.Column("judgement", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_broken_glass_client_id_clients")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_broken_glass_staff_id_staff")),
        sa.ForeignKeyConstraint(["judged_by"], ["staff.id"], name=op.f("fk_broken_glass_judged_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broken_glass")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_broken_glass_seal_id")),
    )
    op.create_index(op.f("ix_broken_glass_client_id"), "broken_glass", ["client_id"])
    op.create_index("ix_broken_glass_staff_until", "broken_glass", ["staff_id", "until_at"])
    op.create_table(
        "outside_restrictions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('partner', 'referrer', 'interpreter')", name=op.f("ck_outside_restrictions_kind")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_outside_restrictions_client_id_clients")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_outside_restrictions_recorded_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_restrictions")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_outside_restrictions_seal_id")),
    )
    op.create_index(op.f("ix_outside_restrictions_client_id"), "outside_restrictions", ["client_id"])


def downgrade() -> None:
    op.drop_table("outside_restrictions")
    op.drop_table("broken_glass")
