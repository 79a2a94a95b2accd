"""The numbers of a quarter are kept as they were published."""

import sqlalchemy as sa
from alembic import op

from portal.core.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarter_numbers",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter_numbers")),
        sa.UniqueConstraint("starts_on", name=op.f("uq_quarter_numbers_starts_on")),
    )


def downgrade() -> None:
    op.drop_table("quarter_numbers")
