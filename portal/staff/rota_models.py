"""The duty rota; only staff pages and the worker use it."""

from datetime import time

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId


class DutyShift(HasId, Base):
    """Who is called out when, each week, in London wall time; `position` 1 is called first (R25)."""

    __tablename__ = "duty_shifts"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("local_from < local_until", name="order"),
        CheckConstraint("position > 0", name="position"),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    weekday: Mapped[int]
    local_from: Mapped[time]
    local_until: Mapped[time]
    position: Mapped[int]
