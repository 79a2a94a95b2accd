"""Goals and actions in both hands, wordings kept, her safety plan, assessments of risk."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def _columns() -> dict[str, tuple[sa.Column, ...]]:
    """The plain columns that are new, by table."""
    return {
        "goals": (
            sa.Column("why_matters", sa.LargeBinary()),
            sa.Column("language", sa.String(2), nullable=False, server_default="en"),
            sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        ),
        "actions": (
            sa.Column("language", sa.String(2), nullable=False, server_default="en"),
            sa.Column("note", sa.LargeBinary()),
            sa.Column("note_language", sa.String(2), nullable=False, server_default="en"),
            sa.Column("reminder_wanted", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        ),
        "own_words": (sa.Column("corrected_at", UTC_INSTANT),),
    }


# A column with a check or a reference is added in one statement: SQLite would rebuild the table for it otherwise, and a
# table that others point at cannot be rebuilt while foreign keys are checked.
_BOUND = (
    ("goals", "added_by_kind", "VARCHAR(10) NOT NULL DEFAULT 'staff' CONSTRAINT ck_goals_added_by_kind"
     " CHECK (added_by_kind IN ('client', 'staff'))"),
    ("goals", "withdrawn_by_kind", "VARCHAR(10) CONSTRAINT ck_goals_withdrawn_by_kind"
     " CHECK (withdrawn_by_kind IN ('client', 'staff'))"),
    ("actions", "added_by_kind", "VARCHAR(10) NOT NULL DEFAULT 'staff' CONSTRAINT ck_actions_added_by_kind"
     " CHECK (added_by_kind IN ('client', 'staff'))"),
    ("own_words", "replaces_id", "INTEGER CONSTRAINT fk_own_words_replaces_id_own_words REFERENCES own_words (id)"),
)  # fmt: skip

_WRITTEN_BY_STAFF = ("goals", "actions")


def upgrade() -> None:
    for table, added in _columns().items():
        for column in added:
            op.add_column(table, column)
    for table, column, kind in _BOUND:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    for table in _WRITTEN_BY_STAFF:
        _may_be_nobody(table, True)
    op.create_index("ix_actions_reminder_due", "actions", ["reminder_wanted", "due_on"])
    op.execute("UPDATE goals SET withdrawn_by_kind = 'staff' WHERE withdrawn_at IS NOT NULL")
    _kept_wordings()
    _safety_plans()
    _risk_assessments()


def downgrade() -> None:
    for table in ("risk_assessments", "safety_plans", "kept_wordings"):
        op.drop_table(table)
    op.drop_index("ix_actions_reminder_due", "actions")
    for table in _WRITTEN_BY_STAFF:
        # A version before this one knows of nobody but staff who adds something.
        op.execute(
            f"UPDATE {table} SET added_by = COALESCE((SELECT keyworker_id FROM clients WHERE clients.id ="
            f" {table}.client_id), (SELECT min(id) FROM staff)) WHERE added_by IS NULL"
        )
        _may_be_nobody(table, False)
    # Nor of words that others replaced: it would show both.
    op.execute("UPDATE own_words SET replaces_id = NULL")
    op.execute("DELETE FROM own_words WHERE corrected_at IS NOT NULL")
    for table, column, _ in reversed(_BOUND):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table, added in _columns().items():
        for column in added:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")


def _may_be_nobody(table: str, may: bool) -> None:
    """Let `added_by` be empty, or not any more; on SQLite in the table's own text, as its manual describes.

    https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes".
    """
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, "added_by", existing_type=sa.Integer(), nullable=may)
        return
    strict, loose = "added_by INTEGER NOT NULL", "added_by INTEGER"
    before, after = (strict, loose) if may else (loose, strict)
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        f"UPDATE sqlite_master SET sql = replace(sql, '{before},', '{after},') WHERE type = 'table' AND name = '{table}'"
    )
    op.execute("PRAGMA writable_schema = RESET")


def _kept_wordings() -> None:
    op.create_table(
        "kept_wordings",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("goal_id", sa.Integer()),
        sa.Column("action_id", sa.Integer()),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("replaced_by_kind", sa.String(10), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", UTC_INSTANT, nullable=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(goal_id IS NULL) <> (action_id IS NULL)", name=op.f("ck_kept_wordings_one")),
        sa.CheckConstraint(
            "replaced_by_kind IN ('client', 'staff')", name=op.f("ck_kept_wordings_replaced_by_kind")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_kept_wordings_client_id_clients")),
        sa.ForeignKeyConstraint(["goal_id"], ["goals.id"], name=op.f("fk_kept_wordings_goal_id_goals")),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_kept_wordings_action_id_actions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_wordings")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_kept_wordings_seal_id")),
    )
    op.create_index(op.f("ix_kept_wordings_client_id"), "kept_wordings", ["client_id"])
    op.create_index("ix_kept_wordings_goal", "kept_wordings", ["goal_id", "revision"])
    op.create_index("ix_kept_wordings_action", "kept_wordings", ["action_id", "revision"])


def _safety_plans() -> None:
    op.create_table(
        "safety_plans",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("worker_may_read", sa.Boolean()),
        sa.Column("written_by_kind", sa.String(10), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", UTC_INSTANT, nullable=False),
        sa.Column("taken_back_at", UTC_INSTANT),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("written_by_kind IN ('client', 'staff')", name=op.f("ck_safety_plans_written_by_kind")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_safety_plans_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plans")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_safety_plans_seal_id")),
    )
    op.create_index(op.f("ix_safety_plans_client_id"), "safety_plans", ["client_id"])


def _risk_assessments() -> None:
    op.create_table(
        "risk_assessments",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer()),
        sa.Column("judgement", sa.String(10), nullable=False),
        sa.Column("marac", sa.String(10), nullable=False),
        sa.Column("marac_on", sa.Date()),
        sa.Column("told_her_first", sa.Boolean(), nullable=False),
        sa.Column("why_not", sa.LargeBinary()),
        sa.Column("note", sa.LargeBinary()),
        sa.Column("next_on", sa.Date()),
        sa.Column("recorded_at", UTC_INSTANT, nullable=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('dash', 'other')", name=op.f("ck_risk_assessments_kind")),
        sa.CheckConstraint("score BETWEEN 0 AND 24", name=op.f("ck_risk_assessments_score")),
        sa.CheckConstraint(
            "judgement IN ('standard', 'medium', 'high')", name=op.f("ck_risk_assessments_judgement")
        ),
        sa.CheckConstraint(
            "marac IN ('none', 'to_refer', 'referred', 'heard')", name=op.f("ck_risk_assessments_marac")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_risk_assessments_client_id_clients")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_risk_assessments_done_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_assessments")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_risk_assessments_seal_id")),
    )
    op.create_index(op.f("ix_risk_assessments_client_id"), "risk_assessments", ["client_id"])
