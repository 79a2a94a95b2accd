"""Courses, their dated sessions, and the places in them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class Course(HasId, Base):
    """A group of some weeks, of a kind that is a group; `join_late`: also once its first session was held."""

    __tablename__ = "courses"
    __table_args__ = (
        CheckConstraint("places BETWEEN 1 AND 60", name="places"),
        UniqueConstraint("id", "places"),
    )

    kind_id: Mapped[int] = mapped_column(ForeignKey("kinds.id"), index=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    places: Mapped[int]
    join_late: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GroupSession(HasId, Base):
    """One dated session of a course, with who holds it and where that day."""

    __tablename__ = "group_sessions"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_group_sessions_course_start", "course_id", "starts_at"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Place(HasId, Base):
    """That a woman has a numbered place in a course, from `joined_at` to `left_at`; held for her while it is offered.

    The database itself refuses a number twice and one beyond the course's places: `of_places` follows the course.
    """

    __tablename__ = "course_places"
    __table_args__ = (
        ForeignKeyConstraint(["course_id", "of_places"], ["courses.id", "courses.places"], onupdate="CASCADE"),
        CheckConstraint("number >= 1 AND (left_at IS NOT NULL OR number <= of_places)", name="number"),
        # Both of places not left only: the migration says so. Naming PostgreSQL here would load its dialect.
        Index("uq_course_places_number", "course_id", "number", unique=True),
        Index("uq_course_places_client", "course_id", "client_id", unique=True),
    )

    course_id: Mapped[int]
    of_places: Mapped[int]
    number: Mapped[int]
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    held_until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    joined_by_kind: Mapped[str] = mapped_column(String(10))
    joined_by_id: Mapped[int]
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_by_kind: Mapped[str] = mapped_column(String(10), default="")
    left_by_id: Mapped[int | None]
