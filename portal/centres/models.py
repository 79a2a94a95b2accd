"""Women's centres: where they are, when they are open, their rooms, and what each offers."""

from datetime import date, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Date, ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.centres.rules import Span, dated_windows
from portal.core.database import Base, HasId
from portal.core.week import Window

BOROUGHS = ("Camden", "Islington", "Lambeth", "Southwark")


class Centre(HasId, Base):
    """A women's centre. `name` is what women are shown, so it is neutral; `door` says how to find the way in.

    `creche` lists when children are looked after and how many, as `portal.centres.creche` reads and writes it.
    """

    __tablename__ = "centres"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    borough: Mapped[str] = mapped_column(String(40))
    door: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    creche: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    archived: Mapped[bool] = mapped_column(default=False)

    hours: Mapped[list["OpeningHours"]] = relationship(order_by="OpeningHours.weekday, OpeningHours.local_from")
    closures: Mapped[list["Closure"]] = relationship(order_by="Closure.starts_on")
    rooms: Mapped[list["Room"]] = relationship(order_by="Room.id")

    @property
    def weekly(self) -> list[Window]:
        """The windows of its week."""
        return [(row.weekday, row.local_from, row.local_until) for row in self.hours if row.only_on is None]

    @property
    def dated(self) -> dict[date, list[Span]]:
        """The windows of single dates, in order of time."""
        return dated_windows((row.only_on, row.local_from, row.local_until) for row in self.hours)


class OpeningHours(HasId, Base):
    """One window of a week in London wall time: `weekday` 0 is Monday.

    With `only_on` it is a window of that date alone (whose weekday it bears): a date's own windows replace the weekly
    ones, and open a bank holiday on purpose.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("local_from < local_until", name="order"),
    )

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    weekday: Mapped[int]
    local_from: Mapped[time]
    local_until: Mapped[time]
    only_on: Mapped[date | None]


bank_holidays = Table(
    "bank_holidays",
    Base.metadata,
    Column("on", Date, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("by_rule", Boolean, nullable=False),
)
"""England's bank holidays, on which weekly hours do not hold; without `by_rule` staff added it. No class, so that a
start does not pay for mapping it.
"""


class Closure(HasId, Base):
    """Days on which a centre is closed, first and last included; `reason` is for staff."""

    __tablename__ = "closures"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="order"),)

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(120), default="")


class Room(HasId, Base):
    """A room in a centre and what it has."""

    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("centre_id", "name"),)

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    step_free: Mapped[bool] = mapped_column(default=False)
    child_corner: Mapped[bool] = mapped_column(default=False)
    quiet: Mapped[bool] = mapped_column(default=False)
    archived: Mapped[bool] = mapped_column(default=False)


class Mode(StrEnum):
    """How a session is held."""

    IN_PERSON = "in_person"
    PHONE = "phone"


class Kind(HasId, Base):
    """A kind of appointment. `names` maps language codes to the name women read; `en` is always there.

    `bring` maps language codes to what she may bring, so worded that anybody may read it. `one_at_a_time`: a woman who
    booked one herself books no second before it is over; staff may. Minutes: length of the session, buffers before and
    after it, the least notice for booking it, and how long before its start she can change or cancel it herself.
    """

    __tablename__ = "kinds"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes"),
        CheckConstraint("buffer_before >= 0 AND buffer_after >= 0", name="buffers"),
    )

    names: Mapped[dict[str, str]] = mapped_column(JSON)
    bring: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    mode: Mapped[str] = mapped_column(String(10), default=Mode.IN_PERSON)
    minutes: Mapped[int]
    buffer_before: Mapped[int] = mapped_column(default=0)
    buffer_after: Mapped[int] = mapped_column(default=10)
    least_notice_minutes: Mapped[int] = mapped_column(default=120)
    furthest_days: Mapped[int] = mapped_column(default=28)
    change_until_minutes: Mapped[int] = mapped_column(default=0)
    cancel_until_minutes: Mapped[int] = mapped_column(default=0)
    needs_room: Mapped[bool] = mapped_column(default=True)
    group: Mapped[bool] = mapped_column(default=False)
    own_keyworker_only: Mapped[bool] = mapped_column(default=False)
    bookable_by_clients: Mapped[bool] = mapped_column(default=True)
    one_at_a_time: Mapped[bool] = mapped_column(default=False)
    counts: Mapped[bool] = mapped_column(default=True)
    archived: Mapped[bool] = mapped_column(default=False)

    def name_in(self, language: str) -> str:
        """The name in a language, else in English."""
        return self.names.get(language) or self.names["en"]

    def bring_in(self, language: str) -> str:
        """What she may bring in a language, else in English; empty when nothing was said."""
        return self.bring.get(language) or self.bring.get("en", "")


class CentreKind(Base):
    """That a centre offers a kind of appointment."""

    __tablename__ = "centre_kinds"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), primary_key=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("kinds.id"), primary_key=True)
