"""What the desk keeps beside appointments: walk-ins, the tally, notes, closed days."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class WalkInState(StrEnum):
    """Where somebody who came without an appointment stands."""

    WAITING = "waiting"
    SEEN = "seen"
    LEFT = "left"


class WalkIn(SealedRow, HasId, Base):
    """Somebody who came in without an appointment and waits her turn; with a record or without one.

    Without a record only the name to call out and what she needs are kept, for a month.
    """

    __tablename__ = "walk_ins"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'seen', 'left')", name="state"),
        Index("ix_walk_ins_centre_came", "centre_id", "came_at"),
    )

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    _called_name: Mapped[bytes | None] = mapped_column("called_name", LargeBinary)
    called_name = EncryptedText()
    _needs: Mapped[bytes | None] = mapped_column("needs", LargeBinary)
    needs = EncryptedText()
    urgent: Mapped[bool] = mapped_column(default=False)
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(8), default=WalkInState.WAITING)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    noted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DropIns(HasId, Base):
    """How many people dropped in at a centre on a day: a number and nothing about anybody."""

    __tablename__ = "drop_ins"
    __table_args__ = (UniqueConstraint("centre_id", "on"), CheckConstraint("number >= 0", name="number"))

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    on: Mapped[date]
    number: Mapped[int] = mapped_column(default=0)


class SessionNote(SealedRow, HasId, Base):
    """What a worker wrote down after a session: staff-only, never on her pages, never in a text.

    Marked as `clients.note_models.StaffNote` is; of older notes nobody said whether they are fact or opinion.
    """

    __tablename__ = "session_notes"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    _note: Mapped[bytes] = mapped_column("note", LargeBinary)
    note = EncryptedText()
    is_opinion: Mapped[bool | None]
    third_party: Mapped[bool] = mapped_column(default=False)
    safe_to_show: Mapped[bool] = mapped_column(default=False)
    written_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClosedDay(HasId, Base):
    """A day closed in a hurry, for a centre or for one worker there, and the list of whom it hits.

    With `session_id` nothing was closed: it is the list of whom the cancelling or moving of a group session hits.
    """

    __tablename__ = "closed_days"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("group_sessions.id"), index=True)
    on: Mapped[date]
    started_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HitByClosing(HasId, Base):
    """One appointment that a closed day hits, and how it was settled: moved or cancelled, and she was told."""

    __tablename__ = "hit_by_closing"
    __table_args__ = (UniqueConstraint("closed_day_id", "appointment_id"),)

    closed_day_id: Mapped[int] = mapped_column(ForeignKey("closed_days.id"), index=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    new_appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    rung_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    rung_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
