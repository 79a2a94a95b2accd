"""Referral intake: where a referral stands, who agreed to what, the first contact, and the list of disposals."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

READY_MADE = (
    ("conditional_caution", "Conditional caution"),
    ("community_resolution", "Community resolution"),
    ("deferred_prosecution", "Deferred prosecution"),
    ("voluntary", "Voluntary: nothing hangs on it"),
    ("diversionary_caution", "Diversionary caution"),
    ("community_caution", "Community caution"),
    ("out_of_court_other", "Another way out of court"),
    ("none", "None"),
)

_LISTED = {
    "agreed_how": ("herself", "spoken", "written"),
    "asked_by_kind": ("referrer", "staff", "herself"),
    "declined_reason": ("other_area", "other_service", "not_a_woman", "she_said_no", "not_reached", "twice"),
    "first_contact_how": ("rang", "texted", "met", "she_came", "through_referrer"),
}


def upgrade() -> None:
    """What is there already was recorded by the charity itself: it counts as accepted."""
    op.create_table(
        "disposals",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposals")),
        sa.UniqueConstraint("code", name=op.f("uq_disposals_code")),
    )
    rows = [{"code": code, "name": name, "archived": False, "position": place}
            for place, (code, name) in enumerate(READY_MADE, 1)]  # fmt: skip
    op.bulk_insert(sa.table("disposals", *(sa.column(name) for name in rows[0])), rows)
    # One statement each that both databases know: a table that others point to cannot be made anew on SQLite.
    for table, column, kind in _added():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    op.create_index("ix_referrals_state", "referrals", ["state"])
    op.create_index("ix_referrals_said_number_index", "referrals", ["said_number_index"])


def downgrade() -> None:
    # A version before this one would show to a centre whom only managers may see, and text who is not to be texted.
    op.execute("UPDATE clients SET state = 'closed' WHERE managers_only OR nothing_before_on IS NOT NULL")
    # Nor does it know a referral that was declined.
    op.drop_index("ix_referrals_said_number_index", "referrals")
    op.drop_index("ix_referrals_state", "referrals")
    for table, column, _ in reversed(_added()):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("disposals")


def _added() -> list[tuple[str, str, str]]:
    postgresql = op.get_bind().dialect.name == "postgresql"
    instant = "TIMESTAMP WITH TIME ZONE" if postgresql else "DATETIME"
    sealed = "BYTEA" if postgresql else "BLOB"
    return [
        ("clients", "nothing_before_on", "DATE"),
        ("clients", "managers_only", "BOOLEAN NOT NULL DEFAULT FALSE"),
        ("restrictions", "until_settled", "BOOLEAN NOT NULL DEFAULT FALSE"),
        ("referrals", "state", "VARCHAR(10) NOT NULL DEFAULT 'accepted' CONSTRAINT ck_referrals_state"
                               " CHECK (state IN ('received', 'accepted', 'declined'))"),
        ("referrals", "borough", "VARCHAR(40)"),
        ("referrals", "police_area", "VARCHAR(30)"),
        ("referrals", "disposal_on", "DATE"),
        ("referrals", "asked_by_kind", _coded("asked_by_kind", 10)),
        ("referrals", "taken_by", _somebody("taken_by")),
        ("referrals", "agreed_at", instant),
        ("referrals", "agreed_how", _coded("agreed_how", 10)),
        ("referrals", "release_on", "DATE"),
        ("referrals", "said_contact", sealed),
        ("referrals", "said_number_index", "VARCHAR(32)"),
        ("referrals", "said_must_not_know", sealed),
        ("referrals", "decided_at", instant),
        ("referrals", "decided_by", _somebody("decided_by")),
        ("referrals", "declined_reason", _coded("declined_reason", 20)),
        ("referrals", "allocated_at", instant),
        ("referrals", "allocated_by", _somebody("allocated_by")),
        ("referrals", "first_contact_due_at", instant),
        ("referrals", "first_contact_at", instant),
        ("referrals", "first_contact_by", _somebody("first_contact_by")),
        ("referrals", "first_contact_how", _coded("first_contact_how", 20)),
    ]  # fmt: skip


def _coded(column: str, length: int) -> str:
    listed = ", ".join(f"'{code}'" for code in _LISTED[column])
    return f"VARCHAR({length}) CONSTRAINT ck_referrals_{column} CHECK ({column} IN ({listed}))"


def _somebody(column: str) -> str:
    return f"INTEGER CONSTRAINT fk_referrals_{column}_staff REFERENCES staff (id)"
