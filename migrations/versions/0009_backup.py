"""A stop of all sending that nobody on the staff made: a restored backup does."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _by_nobody(allowed=True)


def downgrade() -> None:
    op.execute(
        "UPDATE sending_stops SET stopped_by = (SELECT min(id) FROM staff WHERE role = 'admin')"
        " WHERE stopped_by IS NULL"
    )
    _by_nobody(allowed=False)


def _by_nobody(*, allowed: bool) -> None:
    with op.batch_alter_table("sending_stops") as table:
        table.alter_column("stopped_by", existing_type=sa.Integer(), nullable=allowed)
