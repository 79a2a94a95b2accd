"""What the desk keeps beside appointments: outcomes, practical help, walk-ins, the tally, notes, feeds, closed days."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class Outcome(HasId, Base):
    """What came of an appointment: whether the session happened, else whose reason, and what was offered next.

    Whether she came stands in the appointment itself, as the desk marks it.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        CheckConstraint(
            "reason_class IN ('', 'hers_acceptable', 'hers_not', 'service', 'safety')", name="reason_class"
        ),
        CheckConstraint("happened OR reason_class != ''", name="why_not"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), unique=True)
    happened: Mapped[bool]
    reason_class: Mapped[str] = mapped_column(String(20), default="")
    offered: Mapped[str] = mapped_column(String(20), default="")
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PracticalHelp(HasId, Base):
    """What makes it possible for her to come: childcare places, fare, interpreter, companion. Codes, no words."""

    __tablename__ = "practical_helps"
    __table_args__ = (
        CheckConstraint("childcare_places BETWEEN 0 AND 9", name="childcare_places"),
        CheckConstraint("fare IN ('', 'needed', 'given')", name="fare"),
        CheckConstraint("interpreter IN ('', 'needed', 'booked')", name="interpreter"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), unique=True)
    childcare_places: Mapped[int] = mapped_column(default=0)
    fare: Mapped[str] = mapped_column(String(8), default="")
    interpreter: Mapped[str] = mapped_column(String(8), default="")
    companion: Mapped[bool] = mapped_column(default=False)
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


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
    """What a worker wrote down after a session: staff-only, never on her pages, never in a text."""

    __tablename__ = "session_notes"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    _note: Mapped[bytes] = mapped_column("note", LargeBinary)
    note = EncryptedText()
    written_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CalendarFeed(HasId, Base):
    """The secret address under which a worker's calendar reads her own times; only its index is kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        # Of feeds in use only: the migration says so. Naming PostgreSQL here would load its dialect.
        Index("uq_calendar_feeds_open", "staff_id", unique=True),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    token_index: Mapped[str] = mapped_column(String(32), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClosedDay(HasId, Base):
    """A day closed in a hurry, for a centre or for one worker there, and the list of whom it hits."""

    __tablename__ = "closed_days"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
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
