"""What people must do, by when, and what was done."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class Task(SealedRow, HasId, Base):
    """Something a person must do; `once` keeps a reason from raising the same open task twice.

    It belongs to `owner_id`, or, without one, to everybody at `centre_id`. `subject` names the record it is about
    (`appointment:12`, `text:5`). It is closed only by a named person with what was done (R25). `taken_by` has said that
    she is on it; `second_id` is the second person to whom it went when it was overdue.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        # Of open tasks only: the migration says so to each database. Naming PostgreSQL here would load its dialect.
        Index("uq_tasks_once_open", "once", unique=True),
        Index("ix_tasks_owner_open", "owner_id", "closed_at", "due_at"),
        Index("ix_tasks_centre_open", "centre_id", "closed_at", "due_at"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centres.id"))
    subject: Mapped[str] = mapped_column(String(80), default="")
    once: Mapped[str] = mapped_column(String(120))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    done: Mapped[str] = mapped_column(String(40), default="")
    _note: Mapped[bytes | None] = mapped_column("note", LargeBinary)
    note = EncryptedText()
