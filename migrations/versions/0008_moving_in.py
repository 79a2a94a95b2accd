"""Moving in: texts to women off until a manager turns them on, a test to a staff phone, current clients from a list."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")

ADDED = {
    "sending_stops": (sa.Column("women_only", sa.Boolean(), nullable=False, server_default=sa.false()),),
    "clients": (
        sa.Column("listed_number", sa.LargeBinary()),
        sa.Column("listed_number_index", sa.String(32)),
    ),
}


def upgrade() -> None:
    """Texts stay on where they are on: only a charity that begins from here on begins with them off."""
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_clients_listed_number_index", "clients", ["listed_number_index"])
    _staff_tests()
    _client_imports()
    _imported_clients()


def downgrade() -> None:
    for table in ("imported_clients", "client_imports", "staff_tests"):
        op.drop_table(table)
    op.drop_index("ix_clients_listed_number_index", "clients")
    # A version before this one would take it for a stop of everything.
    op.execute("DELETE FROM sending_stops WHERE women_only")
    for table, columns in ADDED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")


def _staff_tests() -> None:
    op.create_table(
        "staff_tests",
        sa.Column("number", sa.LargeBinary()),
        sa.Column("number_index", sa.String(32), nullable=False),
        sa.Column("wanted_by", sa.Integer(), nullable=False),
        sa.Column("wanted_at", UTC_INSTANT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("claimed_at", UTC_INSTANT),
        sa.Column("settled_at", UTC_INSTANT),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wanted_by"], ["staff.id"], name=op.f("fk_staff_tests_wanted_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_tests")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_staff_tests_seal_id")),
    )


def _client_imports() -> None:
    op.create_table(
        "client_imports",
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("checked_at", UTC_INSTANT, nullable=False),
        sa.Column("imported_at", UTC_INSTANT),
        sa.Column("undone_by", sa.Integer()),
        sa.Column("undone_at", UTC_INSTANT),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_client_imports_made_by_staff")),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_client_imports_undone_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_imports")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_client_imports_seal_id")),
    )


def _imported_clients() -> None:
    op.create_table(
        "imported_clients",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("state_as_made", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["client_imports.id"], name=op.f("fk_imported_clients_import_id_client_imports")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_imported_clients_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_clients")),
        sa.UniqueConstraint("client_id", name=op.f("uq_imported_clients_client_id")),
    )
    op.create_index("ix_imported_clients_import_id", "imported_clients", ["import_id"])
