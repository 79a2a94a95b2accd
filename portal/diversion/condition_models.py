"""How conditions were varied; only staff pages read it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class ConditionChange(HasId, Base):
    """One variation of a condition: what was asked before and from then on, and why."""

    __tablename__ = "condition_changes"
    __table_args__ = (
        CheckConstraint("reason IN ('agreed', 'health', 'caring', 'safety', 'service', 'mistake')", name="reason"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    condition_id: Mapped[int] = mapped_column(ForeignKey("conditions.id"), index=True)
    old_sessions: Mapped[int]
    new_sessions: Mapped[int]
    old_due_on: Mapped[date]
    new_due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(12))
    changed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
