"""Appointments, and the one place of truth for who and which room is taken."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class AppointmentState(StrEnum):
    """Whether an appointment stands."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class Attendance(StrEnum):
    """The field's words for what happened."""

    UNKNOWN = ""
    YES = "yes"
    LATE = "late"
    NO = "no"


class Appointment(SealedRow, HasId, Base):
    """One booked session. A change makes a new row; the old one is superseded, never overwritten or deleted.

    A cancelled one with `settles_at` can be undone until then: its time stays taken and nobody was told.
    `overbooked_reason` says why staff put it on top of another one. `answer` is what her reply said (`coming`,
    `change`, `call`, `late`, `cannot_come`): a state, never her words. With `session_id` it is her part in a group
    session, which holds worker and room itself.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("state IN ('booked', 'cancelled', 'superseded')", name="state"),
        CheckConstraint("attendance IN ('', 'yes', 'late', 'no')", name="attendance"),
        Index("ix_appointments_client_start", "client_id", "starts_at"),
        Index("ix_appointments_centre_start", "centre_id", "starts_at"),
        Index("ix_appointments_worker_start", "worker_id", "starts_at"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("kinds.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default=AppointmentState.BOOKED)
    revision: Mapped[int] = mapped_column(default=1)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("group_sessions.id"), index=True)
    walk_in: Mapped[bool] = mapped_column(default=False)
    booked_by_kind: Mapped[str] = mapped_column(String(10))
    booked_by_id: Mapped[int]
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_kind: Mapped[str] = mapped_column(String(10), default="")
    ended_by_id: Mapped[int | None]
    settles_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    _overbooked_reason: Mapped[bytes | None] = mapped_column("overbooked_reason", LargeBinary)
    overbooked_reason = EncryptedText()
    _end_reason: Mapped[bytes | None] = mapped_column("end_reason", LargeBinary)
    end_reason = EncryptedText()

    answer: Mapped[str] = mapped_column(String(12), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    went_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attendance: Mapped[str] = mapped_column(String(4), default=Attendance.UNKNOWN)
    marked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    marked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def stands(self) -> bool:
        """Whether it is booked and neither cancelled nor moved."""
        return self.state == AppointmentState.BOOKED


class Occupancy(HasId, Base):
    """That a resource is taken, buffers included, half-open [starts_at, ends_at).

    Such as `worker:3`, `room:5`, `client:7`, or `creche:2:4`, the fourth place of the crèche at centre 2. By an
    appointment, a group session, or an offer that is open: by exactly one of them.
    The database itself refuses an overlap: an exclusion constraint on PostgreSQL, a trigger on SQLite. Rows of a
    deliberate overbooking lie outside that rule.
    """

    __tablename__ = "occupancies"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint(
            "(CASE WHEN appointment_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN session_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN offer_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_holder",
        ),
        Index("ix_occupancies_resource_end", "resource", "ends_at", "starts_at"),
    )

    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("group_sessions.id"), index=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"), index=True)
    resource: Mapped[str] = mapped_column(String(24))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    overbooked: Mapped[bool] = mapped_column(default=False)


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
    """What makes it possible for her to come: childcare places, fare, interpreter, companion. Codes, no words.

    `childcare_places` is how many she needs; those that the crèche keeps for her are occupancies of the appointment.
    `interpreter_is_woman`: whoever booked the interpreter has asked, and it is a woman.
    """

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
    interpreter_is_woman: Mapped[bool] = mapped_column(default=False)
    companion: Mapped[bool] = mapped_column(default=False)
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


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
