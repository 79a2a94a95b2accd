"""Which languages women are offered: the steps that managers take."""

import sqlalchemy as sa
from alembic import op

from portal.core.database import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "language_steps",
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("words", sa.String(16), nullable=False),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["staff.id"], name=op.f("fk_language_steps_taken_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_steps")),
        sa.UniqueConstraint("language", "number", name=op.f("uq_language_steps_language_number")),
    )


def downgrade() -> None:
    op.drop_table("language_steps")
