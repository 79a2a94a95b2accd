"""Who waits for what, and what was offered to her."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class OfferState(StrEnum):
    """What became of an offer. `said_yes`: by text, which may not be hers; kept until somebody confirms it (R23)."""

    OPEN = "open"
    SAID_YES = "said_yes"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


HELD = (OfferState.OPEN, OfferState.SAID_YES)
"""States in which a time is held for her."""


class Wait(HasId, Base):
    """That a woman waits for a kind of appointment, or for a place in a course.

    `centre_id` None: any centre. `appointment_id`: she has this one and would come sooner. `suits`: the part of the
    day that suits her. `ended_why`: one of `rules.ENDED_WORDS`.
    """

    __tablename__ = "waits"
    __table_args__ = (
        CheckConstraint("(kind_id IS NULL) != (course_id IS NULL)", name="what"),
        # Both of open ones only: the migration says so. Naming PostgreSQL here would load its dialect.
        Index("uq_waits_kind", "client_id", "kind_id", unique=True),
        Index("uq_waits_course", "client_id", "course_id", unique=True),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    kind_id: Mapped[int | None] = mapped_column(ForeignKey("kinds.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"), index=True)
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centres.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), index=True)
    suits: Mapped[str] = mapped_column(String(20), default="")
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by_kind: Mapped[str] = mapped_column(String(10))
    added_by_id: Mapped[int]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str] = mapped_column(String(12), default="")


class Offer(HasId, Base):
    """One time, or one place in a course, offered to one waiting woman; held for her until it lapses or she answers.

    Of a course it holds the first session to come. `appointment_id`: what was booked when she took it.
    """

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("state IN ('open', 'said_yes', 'taken', 'declined', 'lapsed', 'withdrawn')", name="state"),
        # Of those that are held for her only: the migration says so. Naming PostgreSQL here would load its dialect.
        Index("uq_offers_open", "wait_id", unique=True),
        Index("uq_offers_client", "client_id", unique=True),
        Index("ix_offers_client_offered", "client_id", "offered_at"),
    )

    wait_id: Mapped[int] = mapped_column(ForeignKey("waits.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lapses_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    state: Mapped[str] = mapped_column(String(10), default=OfferState.OPEN)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_kind: Mapped[str] = mapped_column(String(10), default="")
    answered_by_id: Mapped[int | None]
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), index=True)
