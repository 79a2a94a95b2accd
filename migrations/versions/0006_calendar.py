"""The calendar: windows of single dates for centres and workers, and England's bank holidays to begin with."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BANK_HOLIDAYS = (
    ("2026-01-01", "New Year's Day"),
    ("2026-04-03", "Good Friday"),
    ("2026-04-06", "Easter Monday"),
    ("2026-05-04", "May Day"),
    ("2026-05-25", "Spring Bank Holiday"),
    ("2026-08-31", "Late Summer Bank Holiday"),
    ("2026-12-25", "Christmas Day"),
    ("2026-12-26", "Boxing Day"),
    ("2026-12-28", "Boxing Day (observed)"),
    ("2027-01-01", "New Year's Day"),
    ("2027-03-26", "Good Friday"),
    ("2027-03-29", "Easter Monday"),
    ("2027-05-03", "May Day"),
    ("2027-05-31", "Spring Bank Holiday"),
    ("2027-08-30", "Late Summer Bank Holiday"),
    ("2027-12-25", "Christmas Day"),
    ("2027-12-26", "Boxing Day"),
    ("2027-12-27", "Christmas Day (observed)"),
    ("2027-12-28", "Boxing Day (observed)"),
    ("2028-01-01", "New Year's Day"),
    ("2028-01-03", "New Year's Day (observed)"),
    ("2028-04-14", "Good Friday"),
    ("2028-04-17", "Easter Monday"),
    ("2028-05-01", "May Day"),
    ("2028-05-29", "Spring Bank Holiday"),
    ("2028-08-28", "Late Summer Bank Holiday"),
    ("2028-12-25", "Christmas Day"),
    ("2028-12-26", "Boxing Day"),
    ("2029-01-01", "New Year's Day"),
    ("2029-03-30", "Good Friday"),
    ("2029-04-02", "Easter Monday"),
    ("2029-05-07", "May Day"),
    ("2029-05-28", "Spring Bank Holiday"),
    ("2029-08-27", "Late Summer Bank Holiday"),
    ("2029-12-25", "Christmas Day"),
    ("2029-12-26", "Boxing Day"),
)
"""By the rules as they stood; the worker fills the years that follow."""


def upgrade() -> None:
    holidays = op.create_table(
        "bank_holidays",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("by_rule", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_bank_holidays")),
    )
    op.bulk_insert(
        holidays, [{"on": date.fromisoformat(on), "name": name, "by_rule": True} for on, name in BANK_HOLIDAYS]
    )
    for table in ("opening_hours", "working_hours"):
        op.add_column(table, sa.Column("only_on", sa.Date()))
    op.create_index("ix_working_hours_only_on", "working_hours", ["only_on"])


def downgrade() -> None:
    op.drop_index("ix_working_hours_only_on", "working_hours")
    for table in ("opening_hours", "working_hours"):
        # A window of one date must not become one of every week.
        op.execute(f"DELETE FROM {table} WHERE only_on IS NOT NULL")
        op.execute(f"ALTER TABLE {table} DROP COLUMN only_on")
    op.drop_table("bank_holidays")
