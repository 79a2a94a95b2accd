"""What partners are asked and told, notes of staff with their marks, and feedback that leads to nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")
STATES = "('drafted', 'agreed', 'sent', 'accepted', 'not_taken', 'first_seen', 'outcome', 'withdrawn')"
KINDS = "('mental_health', 'drug_alcohol', 'debt', 'housing', 'work', 'family', 'other')"
OUTCOMES = "('', 'helped', 'partly', 'still_waiting', 'not_right', 'did_not_go', 'not_known')"
ANSWERS = ("listened", "helped", "welcome", "easy")


def upgrade() -> None:
    _partners()
    op.add_column("session_notes", sa.Column("is_opinion", sa.Boolean()))
    for mark in ("third_party", "safe_to_show"):
        op.add_column("session_notes", sa.Column(mark, sa.Boolean(), nullable=False, server_default=sa.false()))
    _table("staff_notes",
        _to("client_id", "clients"),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("is_opinion", sa.Boolean(), nullable=False),
        sa.Column("third_party", sa.Boolean(), nullable=False),
        sa.Column("safe_to_show", sa.Boolean(), nullable=False),
        _to("written_by", "staff"),
        sa.Column("written_at", UTC_INSTANT, nullable=False),
        _to("corrects_id", "staff_notes", nullable=True),
        _to("corrects_session_id", "session_notes", nullable=True),
        _to("appointment_id", "appointments", nullable=True),
        sa.UniqueConstraint("seal_id", name=op.f("uq_staff_notes_seal_id")),
        indexed=("client_id",),
    )  # fmt: skip
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        *(sa.Column(name, sa.String(6), nullable=False) for name in ANSWERS),
        sa.Column("words", sa.LargeBinary()),
        *(
            sa.CheckConstraint(f"{name} IN ('', 'yes', 'partly', 'no')", name=op.f(f"ck_feedback_{name}"))
            for name in ANSWERS
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_feedback_centre_id_centres")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_feedback_seal_id")),
    )


def downgrade() -> None:
    for table in ("feedback", "staff_notes", "partner_steps", "partner_agreements", "partner_referrals"):
        op.drop_table(table)
    for mark in ("is_opinion", "third_party", "safe_to_show"):
        op.execute(f"ALTER TABLE session_notes DROP COLUMN {mark}")


def _partners() -> None:
    _table("partner_referrals",
        _to("client_id", "clients"),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        _to("service_id", "services", nullable=True),
        sa.Column("name", sa.LargeBinary()),
        sa.Column("what_for", sa.LargeBinary()),
        sa.Column("told", sa.LargeBinary()),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _to("made_by", "staff"),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("state_at", UTC_INSTANT, nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_partner_referrals_kind")),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_partner_referrals_state")),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name=op.f("ck_partner_referrals_outcome")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_partner_referrals_seal_id")),
        indexed=("client_id",),
    )  # fmt: skip
    _table("partner_agreements",
        _to("referral_id", "partner_referrals"),
        _to("client_id", "clients"),
        sa.Column("item", sa.String(30), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        _to("recorded_by", "staff"),
        sa.Column("said_at", UTC_INSTANT, nullable=False),
        sa.CheckConstraint("how IN ('in_person', 'phone', 'online')", name=op.f("ck_partner_agreements_how")),
        indexed=("referral_id", "client_id"),
    )  # fmt: skip
    _table("partner_steps",
        _to("referral_id", "partner_referrals"),
        _to("client_id", "clients"),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("noted_at", UTC_INSTANT, nullable=False),
        sa.Column("by_kind", sa.String(10), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_partner_steps_state")),
        indexed=("referral_id", "client_id"),
    )  # fmt: skip


def _table(name: str, *parts, indexed: tuple[str, ...] = ()) -> None:
    """A table with its id, and names as the convention gives them."""
    columns = [part[0] if isinstance(part, tuple) else part for part in parts]
    keys = [
        sa.ForeignKeyConstraint([part[0].name], [f"{part[1]}.id"], name=op.f(f"fk_{name}_{part[0].name}_{part[1]}"))
        for part in parts
        if isinstance(part, tuple)
    ]
    op.create_table(
        name, *columns, sa.Column("id", sa.Integer(), nullable=False), *keys,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )  # fmt: skip
    for column in indexed:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _to(name: str, table: str, nullable: bool = False) -> tuple[sa.Column, str]:
    """A column that points at another table, and that table."""
    return sa.Column(name, sa.Integer(), nullable=nullable), table
