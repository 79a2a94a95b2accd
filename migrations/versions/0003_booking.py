"""Booking, whole: cancelling that can be undone; how a kind is held, what to bring, cut-offs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def columns() -> dict[str, tuple[sa.Column, ...]]:
    """The plain columns that are new, by table."""
    return {
        "appointments": (sa.Column("settles_at", UTC_INSTANT),),
        "kinds": (
            sa.Column("bring", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("mode", sa.String(10), nullable=False, server_default="in_person"),
            sa.Column("change_until_minutes", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("cancel_until_minutes", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("counts", sa.Boolean(), nullable=False, server_default=sa.true()),
        ),
    }


INDEXED = (("appointments", "settles_at"),)


def upgrade() -> None:
    for table, added in columns().items():
        for column in added:
            op.add_column(table, column)
    for table, column in INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in INDEXED:
        op.drop_index(f"ix_{table}_{column}", table)
    for table, added in columns().items():
        for column in added:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")
