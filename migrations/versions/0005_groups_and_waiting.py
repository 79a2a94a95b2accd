"""Groups and waiting lists: a time can be held by an appointment, a group session or an offer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")

# As in the first shape: SQLite drops a trigger with its table.
NO_OVERLAP_SQLITE = """
CREATE TRIGGER occupancies_no_overlap BEFORE INSERT ON occupancies
WHEN NOT NEW.overbooked AND EXISTS (
    SELECT 1 FROM occupancies AS taken
    WHERE taken.resource = NEW.resource AND NOT taken.overbooked
      AND taken.starts_at < NEW.ends_at AND taken.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'occupancies_no_overlap'); END
"""

HOLDERS = (("appointment_id", "appointments"), ("session_id", "group_sessions"), ("offer_id", "offers"))
ONE_HOLDER = " + ".join(f"(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)" for column, _ in HOLDERS) + " = 1"
KEPT = "id, appointment_id, resource, starts_at, ends_at, overbooked"

OPEN_ONLY = (
    ("uq_course_places_number", "course_places", ["course_id", "number"], "left_at IS NULL"),
    ("uq_course_places_client", "course_places", ["course_id", "client_id"], "left_at IS NULL"),
    ("uq_waits_kind", "waits", ["client_id", "kind_id"], "ended_at IS NULL"),
    ("uq_waits_course", "waits", ["client_id", "course_id"], "ended_at IS NULL"),
    ("uq_offers_open", "offers", ["wait_id"], "state IN ('open', 'said_yes')"),
    ("uq_offers_client", "offers", ["client_id"], "state IN ('open', 'said_yes')"),
)


def upgrade() -> None:
    _groups()
    op.execute(
        "ALTER TABLE appointments ADD COLUMN session_id INTEGER"
        " CONSTRAINT fk_appointments_session_id_group_sessions REFERENCES group_sessions (id)"
    )
    op.create_index("ix_appointments_session_id", "appointments", ["session_id"])
    op.execute(
        "ALTER TABLE closed_days ADD COLUMN session_id INTEGER"
        " CONSTRAINT fk_closed_days_session_id_group_sessions REFERENCES group_sessions (id)"
    )
    op.create_index("ix_closed_days_session_id", "closed_days", ["session_id"])
    _waiting()
    for name, table, columns, condition in OPEN_ONLY:
        op.create_index(
            name, table, columns, unique=True, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition)
        )
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_occupancies(HOLDERS)
    else:
        _widen_occupancies()


def downgrade() -> None:
    op.execute("DELETE FROM occupancies WHERE appointment_id IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_occupancies(HOLDERS[:1])
    else:
        op.drop_constraint("ck_occupancies_one_holder", "occupancies")
        for column, _table_name in HOLDERS[1:]:
            op.drop_index(f"ix_occupancies_{column}", "occupancies")
            op.drop_column("occupancies", column)
        op.alter_column("occupancies", "appointment_id", nullable=False)
    for table in ("appointments", "closed_days"):
        op.drop_index(f"ix_{table}_session_id", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN session_id")
    for table in ("offers", "waits", "course_places", "group_sessions", "courses"):
        op.drop_table(table)


def _widen_occupancies() -> None:
    op.alter_column("occupancies", "appointment_id", nullable=True)
    for column, table in HOLDERS[1:]:
        op.execute(
            f"ALTER TABLE occupancies ADD COLUMN {column} INTEGER"
            f" CONSTRAINT fk_occupancies_{column}_{table} REFERENCES {table} (id)"
        )
        op.create_index(f"ix_occupancies_{column}", "occupancies", [column])
    op.create_check_constraint(op.f("ck_occupancies_one_holder"), "occupancies", ONE_HOLDER)


def _rebuild_occupancies(holders: tuple[tuple[str, str], ...]) -> None:
    """SQLite cannot make a column nullable; nothing points at this table, so that it may be made anew."""
    op.create_table(
        "occupancies_new",
        *(sa.Column(column, sa.Integer(), nullable=len(holders) > 1) for column, _ in holders),
        sa.Column("resource", sa.String(24), nullable=False),
        sa.Column("starts_at", UTC_INSTANT, nullable=False),
        sa.Column("ends_at", UTC_INSTANT, nullable=False),
        sa.Column("overbooked", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancies_order")),
        *([sa.CheckConstraint(ONE_HOLDER, name=op.f("ck_occupancies_one_holder"))] if len(holders) > 1 else []),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_occupancies_{column}_{table}"))
            for column, table in holders
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancies")),
    )
    op.execute(f"INSERT INTO occupancies_new ({KEPT}) SELECT {KEPT} FROM occupancies")
    op.drop_table("occupancies")
    op.rename_table("occupancies_new", "occupancies")
    for column, _ in holders:
        op.create_index(f"ix_occupancies_{column}", "occupancies", [column])
    op.create_index("ix_occupancies_resource_end", "occupancies", ["resource", "ends_at", "starts_at"])
    op.execute(NO_OVERLAP_SQLITE)


def _groups() -> None:
    _table("courses",
        _to("kind_id", "kinds"),
        _to("centre_id", "centres"),
        _to("worker_id", "staff"),
        _to("room_id", "rooms", nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("join_late", sa.Boolean(), nullable=False),
        _to("made_by", "staff"),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("ended_at", UTC_INSTANT),
        sa.CheckConstraint("places BETWEEN 1 AND 60", name=op.f("ck_courses_places")),
        sa.UniqueConstraint("id", "places", name=op.f("uq_courses_id_places")),
        indexed=("kind_id", "centre_id", "worker_id"),
    )
    _table("group_sessions",
        _to("course_id", "courses"),
        _to("worker_id", "staff"),
        _to("room_id", "rooms", nullable=True),
        sa.Column("starts_at", UTC_INSTANT, nullable=False),
        sa.Column("ends_at", UTC_INSTANT, nullable=False),
        sa.Column("cancelled_at", UTC_INSTANT),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_group_sessions_order")),
        indexed=("worker_id", "starts_at"),
    )
    op.create_index("ix_group_sessions_course_start", "group_sessions", ["course_id", "starts_at"])
    _table("course_places",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("of_places", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _to("client_id", "clients"),
        sa.Column("held_until_at", UTC_INSTANT),
        sa.Column("joined_at", UTC_INSTANT, nullable=False),
        sa.Column("joined_by_kind", sa.String(10), nullable=False),
        sa.Column("joined_by_id", sa.Integer(), nullable=False),
        sa.Column("left_at", UTC_INSTANT),
        sa.Column("left_by_kind", sa.String(10), nullable=False),
        sa.Column("left_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["course_id", "of_places"], ["courses.id", "courses.places"],
            name=op.f("fk_course_places_course_id_courses"), onupdate="CASCADE",
        ),
        sa.CheckConstraint(
            "number >= 1 AND (left_at IS NOT NULL OR number <= of_places)", name=op.f("ck_course_places_number")
        ),
        indexed=("client_id",),
    )


def _waiting() -> None:
    _table("waits",
        _to("client_id", "clients"),
        _to("kind_id", "kinds", nullable=True),
        _to("course_id", "courses", nullable=True),
        _to("centre_id", "centres", nullable=True),
        _to("appointment_id", "appointments", nullable=True),
        sa.Column("suits", sa.String(20), nullable=False),
        sa.Column("since_at", UTC_INSTANT, nullable=False),
        sa.Column("added_by_kind", sa.String(10), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UTC_INSTANT),
        sa.Column("ended_why", sa.String(12), nullable=False),
        sa.CheckConstraint("(kind_id IS NULL) != (course_id IS NULL)", name=op.f("ck_waits_what")),
        indexed=("kind_id", "course_id", "appointment_id"),
    )
    _table("offers",
        _to("wait_id", "waits"),
        _to("client_id", "clients"),
        _to("centre_id", "centres"),
        _to("worker_id", "staff"),
        _to("room_id", "rooms", nullable=True),
        sa.Column("starts_at", UTC_INSTANT, nullable=False),
        sa.Column("ends_at", UTC_INSTANT, nullable=False),
        sa.Column("offered_at", UTC_INSTANT, nullable=False),
        sa.Column("lapses_at", UTC_INSTANT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answered_at", UTC_INSTANT),
        sa.Column("answered_by_kind", sa.String(10), nullable=False),
        sa.Column("answered_by_id", sa.Integer()),
        _to("appointment_id", "appointments", nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_offers_order")),
        sa.CheckConstraint(
            "state IN ('open', 'said_yes', 'taken', 'declined', 'lapsed', 'withdrawn')", name=op.f("ck_offers_state")
        ),
        indexed=("lapses_at", "appointment_id"),
    )
    op.create_index("ix_offers_client_offered", "offers", ["client_id", "offered_at"])


def _table(name: str, *parts, indexed: tuple[str, ...] = ()) -> None:
    """A table with its id, and names as the convention gives them."""
    columns = [part[0] if isinstance(part, tuple) else part for part in parts]
    keys = [
        sa.ForeignKeyConstraint([part[0].name], [f"{part[1]}.id"], name=op.f(f"fk_{name}_{part[0].name}_{part[1]}"))
        for part in parts if isinstance(part, tuple)
    ]
    op.create_table(
        name, *columns, sa.Column("id", sa.Integer(), nullable=False), *keys,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column in indexed:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _to(name: str, table: str, nullable: bool = False) -> tuple[sa.Column, str]:
    """A column that points at another table, and that table."""
    return sa.Column(name, sa.Integer(), nullable=nullable), table
