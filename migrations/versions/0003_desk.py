"""The front desk: outcomes, practical help, walk-ins and their tally, notes of sessions, feeds, days closed in a hurry."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")

TABLES = (
    "hit_by_closing", "closed_days", "calendar_feeds", "session_notes", "drop_ins", "walk_ins", "practical_helps",
    "outcomes",
)


def upgrade() -> None:
    op.add_column("appointments", sa.Column("went_in_at", UTC_INSTANT))
    op.add_column("clients", sa.Column("calendar_online", sa.Boolean(), nullable=False, server_default=sa.false()))
    _records()
    _desk()
    _closing()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("ALTER TABLE clients DROP COLUMN calendar_online")
    op.execute("ALTER TABLE appointments DROP COLUMN went_in_at")


def _records() -> None:
    _table("outcomes",
        _to("client_id", "clients"),
        _to("appointment_id", "appointments"),
        sa.Column("happened", sa.Boolean(), nullable=False),
        sa.Column("reason_class", sa.String(20), nullable=False),
        sa.Column("offered", sa.String(20), nullable=False),
        _to("recorded_by", "staff"),
        sa.Column("recorded_at", UTC_INSTANT, nullable=False),
        sa.CheckConstraint(
            "reason_class IN ('', 'hers_acceptable', 'hers_not', 'service', 'safety')",
            name=op.f("ck_outcomes_reason_class"),
        ),
        sa.CheckConstraint("happened OR reason_class != ''", name=op.f("ck_outcomes_why_not")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_outcomes_appointment_id")),
        indexed=("client_id",),
    )
    _table("practical_helps",
        _to("client_id", "clients"),
        _to("appointment_id", "appointments"),
        sa.Column("childcare_places", sa.Integer(), nullable=False),
        sa.Column("fare", sa.String(8), nullable=False),
        sa.Column("interpreter", sa.String(8), nullable=False),
        sa.Column("companion", sa.Boolean(), nullable=False),
        _to("set_by", "staff"),
        sa.Column("set_at", UTC_INSTANT, nullable=False),
        sa.CheckConstraint("childcare_places BETWEEN 0 AND 9", name=op.f("ck_practical_helps_childcare_places")),
        sa.CheckConstraint("fare IN ('', 'needed', 'given')", name=op.f("ck_practical_helps_fare")),
        sa.CheckConstraint("interpreter IN ('', 'needed', 'booked')", name=op.f("ck_practical_helps_interpreter")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_practical_helps_appointment_id")),
        indexed=("client_id",),
    )
    _table("session_notes",
        _to("client_id", "clients"),
        _to("appointment_id", "appointments"),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        _to("written_by", "staff"),
        sa.Column("written_at", UTC_INSTANT, nullable=False),
        sealed=True, indexed=("client_id", "appointment_id"),
    )


def _desk() -> None:
    _table("walk_ins",
        _to("centre_id", "centres"),
        _to("client_id", "clients", nullable=True),
        sa.Column("called_name", sa.LargeBinary()),
        sa.Column("needs", sa.LargeBinary()),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("came_at", UTC_INSTANT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        _to("worker_id", "staff", nullable=True),
        _to("noted_by", "staff"),
        sa.Column("settled_at", UTC_INSTANT),
        sa.CheckConstraint("state IN ('waiting', 'seen', 'left')", name=op.f("ck_walk_ins_state")),
        sealed=True, indexed=("client_id",),
    )
    op.create_index("ix_walk_ins_centre_came", "walk_ins", ["centre_id", "came_at"])
    _table("drop_ins",
        _to("centre_id", "centres"),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_drop_ins_number")),
        sa.UniqueConstraint("centre_id", "on", name=op.f("uq_drop_ins_centre_id_on")),
    )
    _table("calendar_feeds",
        _to("staff_id", "staff"),
        sa.Column("token_index", sa.String(32), nullable=False),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("read_at", UTC_INSTANT),
        sa.Column("revoked_at", UTC_INSTANT),
        sa.UniqueConstraint("token_index", name=op.f("uq_calendar_feeds_token_index")),
    )
    open_feed = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_calendar_feeds_open", "calendar_feeds", ["staff_id"], unique=True, sqlite_where=open_feed,
        postgresql_where=open_feed,
    )


def _closing() -> None:
    _table("closed_days",
        _to("centre_id", "centres"),
        _to("worker_id", "staff", nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        _to("started_by", "staff"),
        sa.Column("started_at", UTC_INSTANT, nullable=False),
        indexed=("centre_id",),
    )
    _table("hit_by_closing",
        _to("closed_day_id", "closed_days"),
        _to("appointment_id", "appointments"),
        _to("client_id", "clients"),
        _to("new_appointment_id", "appointments", nullable=True),
        _to("rung_by", "staff", nullable=True),
        sa.Column("rung_at", UTC_INSTANT),
        sa.UniqueConstraint(
            "closed_day_id", "appointment_id", name=op.f("uq_hit_by_closing_closed_day_id_appointment_id")
        ),
        indexed=("closed_day_id", "appointment_id", "client_id"),
    )


def _table(name: str, *parts, sealed: bool = False, indexed: tuple[str, ...] = ()) -> None:
    """A table with its id, its seal where it has sealed columns, and names as the convention gives them."""
    columns = [part[0] if isinstance(part, tuple) else part for part in parts]
    keys = [
        sa.ForeignKeyConstraint([part[0].name], [f"{part[1]}.id"], name=op.f(f"fk_{name}_{part[0].name}_{part[1]}"))
        for part in parts if isinstance(part, tuple)
    ]
    seal = [
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.UniqueConstraint("seal_id", name=op.f(f"uq_{name}_seal_id")),
    ] if sealed else []
    op.create_table(
        name, *columns, *seal, sa.Column("id", sa.Integer(), nullable=False), *keys,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column in indexed:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _to(name: str, table: str, nullable: bool = False) -> tuple[sa.Column, str]:
    """A column that points at another table, and that table."""
    return sa.Column(name, sa.Integer(), nullable=nullable), table
