"""Conditions varied and excused, reports that people made and sent, moves between centres, closings."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# In one place each, because a unique index of open rows only is not something that a model can say for both databases.
OPEN_ONLY = (
    ("uq_police_reports_open", "police_reports", "condition_id", "sent_at IS NULL AND ended_at IS NULL"),
    ("uq_closings_open", "closings", "client_id", "reopened_at IS NULL"),
)
NEW = ("centre_moves", "closings", "police_reports", "excused_sessions", "condition_changes")


def upgrade() -> None:
    with op.batch_alter_table("conditions") as table:
        table.add_column(sa.Column("what", sa.String(20), nullable=False, server_default="appointments"))
        table.add_column(sa.Column("withdrawn_why", sa.String(12), nullable=False, server_default=""))
        table.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("withdrawn_by", sa.Integer()))
        table.create_foreign_key(op.f("fk_conditions_withdrawn_by_staff"), "staff", ["withdrawn_by"], ["id"])
        table.create_check_constraint(
            op.f("ck_conditions_what"), "what IN ('appointments', 'one_to_one', 'group')"
        )
        table.create_check_constraint(
            op.f("ck_conditions_withdrawn_why"), "withdrawn_why IN ('', 'sender', 'mistake', 'twice')"
        )
        table.create_check_constraint(
            op.f("ck_conditions_withdrawn"), "(withdrawn_at IS NULL) = (withdrawn_why = '')"
        )
    _conditions()
    _reports()
    _closings()
    for name, table_name, column, condition in OPEN_ONLY:
        op.create_index(
            name, table_name, [column], unique=True, sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    for name in NEW:
        op.drop_table(name)
    with op.batch_alter_table("conditions") as table:
        for check in ("withdrawn", "withdrawn_why", "what"):
            table.drop_constraint(op.f(f"ck_conditions_{check}"), type_="check")
        table.drop_constraint(op.f("fk_conditions_withdrawn_by_staff"), type_="foreignkey")
        for column in ("withdrawn_by", "withdrawn_at", "withdrawn_why", "what"):
            table.drop_column(column)


def _conditions() -> None:
    _table("condition_changes",
        _to("client_id", "clients"), _to("condition_id", "conditions"),
        sa.Column("old_sessions", sa.Integer(), nullable=False),
        sa.Column("new_sessions", sa.Integer(), nullable=False),
        sa.Column("old_due_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        _to("changed_by", "staff"), _at("changed_at"),
        _check("condition_changes", "reason",
               "reason IN ('agreed', 'health', 'caring', 'safety', 'service', 'mistake')"),
        indexed=("client_id", "condition_id"),
    )
    _table("excused_sessions",
        _to("client_id", "clients"), _to("condition_id", "conditions"),
        _to("appointment_id", "appointments", nullable=True),
        sa.Column("reason", sa.String(12), nullable=False),
        _to("excused_by", "staff"), _at("excused_at"),
        _to("taken_back_by", "staff", nullable=True), _at("taken_back_at", nullable=True),
        _check("excused_sessions", "reason", "reason IN ('agreed', 'health', 'caring', 'safety', 'service')"),
        _check("excused_sessions", "taken_back", "(taken_back_at IS NULL) = (taken_back_by IS NULL)"),
        indexed=("client_id", "condition_id", "appointment_id"),
    )


def _reports() -> None:
    checks = {
        "status": "status IN ('under_way', 'met', 'not_met')",
        "reason_class": "reason_class IN ('', 'hers_acceptable', 'hers_not', 'service', 'safety')",
        "why_not_met": "(status = 'not_met') = (reason_class != '')",
        "confirmed": "(confirmed_at IS NULL) = (confirmed_by IS NULL)",
        "two_people": "status != 'not_met' OR confirmed_by IS NULL OR confirmed_by != drafted_by",
        "confirmed_first": "status != 'not_met' OR sent_at IS NULL OR confirmed_by IS NOT NULL",
        "sent": "(sent_at IS NULL) = (sent_to = '')",
        "sent_to": "sent_to IN ('', 'police', 'liaison_diversion', 'prison', 'council', 'probation', 'other')",
        "sent_how": "sent_how IN ('', 'secure_mail', 'by_hand', 'post')",
        "ended_why": "ended_why IN ('', 'replaced', 'changed', 'refused', 'taken_back')",
        "ended": "(ended_at IS NULL) = (ended_why = '')",
    }
    _table("police_reports",
        _to("client_id", "clients"), _to("referral_id", "referrals"), _to("condition_id", "conditions"),
        _to("replaces_id", "police_reports", nullable=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason_class", sa.String(20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _to("drafted_by", "staff"), _at("drafted_at"),
        _to("confirmed_by", "staff", nullable=True), _at("confirmed_at", nullable=True),
        sa.Column("sent_to", sa.String(20), nullable=False),
        sa.Column("sent_to_words", sa.LargeBinary()),
        sa.Column("sent_how", sa.String(12), nullable=False),
        _to("sent_by", "staff", nullable=True), _at("sent_at", nullable=True),
        sa.Column("ended_why", sa.String(12), nullable=False),
        _to("ended_by", "staff", nullable=True), _at("ended_at", nullable=True),
        *(_check("police_reports", name, condition) for name, condition in checks.items()),
        sealed=True, indexed=("client_id", "referral_id", "condition_id", "replaces_id"),
    )


def _closings() -> None:
    _table("closings",
        _to("client_id", "clients"),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("checklist", sa.LargeBinary()),
        _to("closed_by", "staff"), _at("closed_at"),
        sa.Column("follow_up_on", sa.Date()),
        sa.Column("follow_up_result", sa.String(20), nullable=False),
        _to("followed_up_by", "staff", nullable=True), _at("followed_up_at", nullable=True),
        _to("reopened_by", "staff", nullable=True), _at("reopened_at", nullable=True),
        _check("closings", "reason",
               "reason IN ('completed', 'moved_away', 'her_wish', 'lost_touch', 'sender_ended', 'other_support',"
               " 'declined', 'mistake', 'died')"),
        _check("closings", "follow_up_result",
               "follow_up_result IN ('', 'doing_well', 'wants_support', 'came_back', 'not_reached', 'not_safe',"
               " 'not_wanted')"),
        _check("closings", "followed_up", "(followed_up_at IS NULL) = (follow_up_result = '')"),
        sealed=True, indexed=("client_id", "follow_up_on"),
    )
    _table("centre_moves",
        _to("client_id", "clients"), _to("from_centre_id", "centres"), _to("to_centre_id", "centres"),
        _to("from_keyworker_id", "staff", nullable=True), _to("to_keyworker_id", "staff"),
        _to("moved_by", "staff"), _at("moved_at"),
        _check("centre_moves", "elsewhere", "from_centre_id != to_centre_id"),
        indexed=("client_id",),
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


def _at(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
