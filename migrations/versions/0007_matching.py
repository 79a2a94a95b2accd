"""Who and what fits her: rooms as she needs them, a female interpreter, places in the crèche."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADDED = (
    ("booking_needs", sa.Column("quiet_room", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("booking_needs", sa.Column("child_corner", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("practical_helps", sa.Column("interpreter_is_woman", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("centres", sa.Column("creche", sa.JSON(), nullable=False, server_default="[]")),
)


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, column)


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")
