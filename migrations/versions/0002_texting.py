"""Texting, whole: further channels of safe contact, tries, batches, templates, phrases, cover, the duty rota, merges."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def columns() -> dict[str, tuple[sa.Column, ...]]:
    """The plain columns that are new, by table."""
    return {
        "safe_contacts": (
            sa.Column("sign_at", UTC_INSTANT),
            sa.Column("stopped_at", UTC_INSTANT),
            sa.Column("stable_phone", sa.Boolean()),
            sa.Column("stable_home", sa.Boolean()),
            sa.Column("reminds_week_before", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("reminds_same_morning", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("may_post", sa.Boolean()),
            sa.Column("post_to", sa.LargeBinary()),
            sa.Column("may_email", sa.Boolean()),
            sa.Column("email", sa.LargeBinary()),
        ),
        "staff": (
            sa.Column("safeguarding_lead", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("duty_number", sa.LargeBinary()),
            sa.Column("duty_number_index", sa.String(32)),
        ),
        "tasks": (sa.Column("taken_at", UTC_INSTANT), sa.Column("escalated_at", UTC_INSTANT)),
        "texts": (
            sa.Column("redacted_at", UTC_INSTANT),
            sa.Column("redact_at", UTC_INSTANT),
            sa.Column("redact_tries", sa.Integer(), nullable=False, server_default="0"),
        ),
        "text_statuses": (sa.Column("gateway_sid", sa.String(64), nullable=False, server_default=""),),
        "incoming_texts": (
            sa.Column("redacted_at", UTC_INSTANT),
            sa.Column("redact_at", UTC_INSTANT),
            sa.Column("redact_tries", sa.Integer(), nullable=False, server_default="0"),
        ),
    }


# A column that points at another table is added in one statement: SQLite would rebuild the table for it otherwise, and
# a table that others point at cannot be rebuilt while foreign keys are checked.
POINTING = (
    ("clients", "merged_into_id", "clients"),
    ("absences", "covered_by", "staff"),
    ("tasks", "taken_by", "staff"),
    ("tasks", "second_id", "staff"),
    ("texts", "batch_id", "text_batches"),
)

INDEXED = (
    ("absences", "covered_by"),
    ("staff", "duty_number_index"),
    ("tasks", "second_id"),
    ("tasks", "subject"),
    ("texts", "batch_id"),
    ("texts", "redact_at"),
    ("incoming_texts", "redacted_at"),
)


def upgrade() -> None:
    _tables()
    for table, added in columns().items():
        for column in added:
            op.add_column(table, column)
    for table, column, target in POINTING:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
            f" CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        )
    for table, column in INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.execute("UPDATE safe_contacts SET sign_at = COALESCE(proved_at, recorded_at)")


def downgrade() -> None:
    for table, column in INDEXED:
        op.drop_index(f"ix_{table}_{column}", table)
    for table, column, _target in POINTING:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table, added in columns().items():
        for column in added:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")
    for table in ("duty_calls", "thread_marks", "phrases", "text_templates", "text_batches", "client_merges", "duty_shifts"):
        op.drop_table(table)


def _tables() -> None:
    _table("duty_shifts",
        _to("staff_id", "staff"),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("local_from", sa.Time(), nullable=False),
        sa.Column("local_until", sa.Time(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_duty_shifts_weekday")),
        sa.CheckConstraint("local_from < local_until", name=op.f("ck_duty_shifts_order")),
        sa.CheckConstraint("position > 0", name=op.f("ck_duty_shifts_position")),
        indexed=("staff_id",),
    )
    _table("client_merges",
        _to("kept_id", "clients"),
        _to("merged_id", "clients"),
        sa.Column("moved", sa.LargeBinary(), nullable=False),
        _to("merged_by", "staff"),
        sa.Column("merged_at", UTC_INSTANT, nullable=False),
        _to("undone_by", "staff", nullable=True),
        sa.Column("undone_at", UTC_INSTANT),
        sealed=True, indexed=("kept_id", "merged_id"),
    )
    _table("text_batches",
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("left_out", sa.LargeBinary(), nullable=False),
        _to("made_by", "staff"),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("stopped_at", UTC_INSTANT),
        sealed=True,
    )
    _table("text_templates",
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("body", sa.String(480), nullable=False),
        _to("changed_by", "staff"),
        sa.Column("changed_at", UTC_INSTANT, nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
    )
    _table("phrases",
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("meaning", sa.String(20), nullable=False),
        sa.Column("words", sa.String(80), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        _to("changed_by", "staff"),
        sa.Column("changed_at", UTC_INSTANT, nullable=False),
        sa.UniqueConstraint("language", "meaning", "words", name=op.f("uq_phrases_language_meaning_words")),
    )
    _table("thread_marks",
        _to("client_id", "clients"),
        sa.Column("kind", sa.String(20), nullable=False),
        _to("made_by", "staff"),
        _to("from_id", "staff", nullable=True),
        _to("to_id", "staff", nullable=True),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        indexed=("client_id",),
    )
    _table("duty_calls",
        _to("task_id", "tasks"),
        _to("staff_id", "staff"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("wanted_at", UTC_INSTANT, nullable=False),
        sa.Column("claimed_at", UTC_INSTANT),
        sa.Column("sent_at", UTC_INSTANT),
        sa.Column("answered_at", UTC_INSTANT),
        sa.UniqueConstraint("task_id", "position", name=op.f("uq_duty_calls_task_id_position")),
        indexed=("staff_id",),
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
