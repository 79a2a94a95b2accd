"""Booking, whole: cancelling that can be undone, overbooking with a reason; how a kind is held, what to bring, cut-offs; what booking honours."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def columns() -> dict[str, tuple[sa.Column, ...]]:
    """The plain columns that are new, by table."""
    return {
        "appointments": (
            sa.Column("settles_at", UTC_INSTANT),
            sa.Column("overbooked_reason", sa.LargeBinary()),
        ),
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
    _tables()
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
    for table in ("avoided_centres", "avoided_workers", "booking_needs"):
        op.drop_table(table)


def _tables() -> None:
    needs = ("step_free", "female_interpreter", "childcare", "fares")
    op.create_table(
        "booking_needs",
        sa.Column("client_id", sa.Integer(), nullable=False),
        *(sa.Column(need, sa.Boolean(), nullable=False) for need in needs),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UTC_INSTANT, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_booking_needs_client_id_clients")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_booking_needs_recorded_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_needs")),
        sa.UniqueConstraint("client_id", name=op.f("uq_booking_needs_client_id")),
    )
    for table, column, target in (
        ("avoided_workers", "staff_id", "staff"),
        ("avoided_centres", "centre_id", "centres"),
    ):
        op.create_table(
            table,
            sa.Column("client_id", sa.Integer(), nullable=False),
            sa.Column(column, sa.Integer(), nullable=False),
            sa.Column("id", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f(f"fk_{table}_client_id_clients")),
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("client_id", column, name=op.f(f"uq_{table}_client_id_{column}")),
        )
        op.create_index(f"ix_{table}_client_id", table, ["client_id"])
        op.create_index(f"ix_{table}_{column}", table, [column])
