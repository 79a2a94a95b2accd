"""What only staff and the worker use of this room: templates, phrases, marks in threads, calls of the duty rota,
tests to staff phones.

Her pages never load these tables, so they cost a start nothing.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class TextTemplate(HasId, Base):
    """Words that staff send often, in one language; checked like any text when they are saved (R20)."""

    __tablename__ = "text_templates"

    title: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    body: Mapped[str] = mapped_column(String(480))
    changed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived: Mapped[bool] = mapped_column(default=False)


class Phrase(HasId, Base):
    """A phrase that staff added to those an incoming text is searched for, or (`off`) one of ours they turned off."""

    __tablename__ = "phrases"
    __table_args__ = (UniqueConstraint("language", "meaning", "words"),)

    language: Mapped[str] = mapped_column(String(2))
    meaning: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(80))
    off: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ThreadMark(HasId, Base):
    """Something that happened to a thread and stands in it: `transfer`, `merge`, `split`; from whom, to whom."""

    __tablename__ = "thread_marks"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    from_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DutyCall(HasId, Base):
    """That somebody on duty was texted about a task that may tell of a risk, and whether she answered (R25).

    `state` is wanted, sending, sent or failed; `claimed_at` is real time. A call lost in between only means that the
    next person is called.
    """

    __tablename__ = "duty_calls"
    __table_args__ = (UniqueConstraint("task_id", "position"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    wanted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffTest(SealedRow, HasId, Base):
    """A test text to the phone of somebody who works here, which shows that texts leave at all.

    `state` is wanted, sending, sent, arrived or failed; `claimed_at` is real time. The number and its index
    are erased once its fate is known.
    """

    __tablename__ = "staff_tests"

    _number: Mapped[bytes | None] = mapped_column("number", LargeBinary)
    number = EncryptedText()
    number_index: Mapped[str] = mapped_column(String(32))
    wanted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    wanted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
