"""Who works here: role, centres, weekly hours, absences."""

from datetime import date, datetime, time

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.access import Actor, Role
from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime
from portal.core.week import Window


class Staff(SealedRow, HasId, Base):
    """A member of staff. Women see `first_name`; `email_index` finds her at sign-in.

    `duty_number` is the phone on which she is called out while she is on duty (R25).
    """

    __tablename__ = "staff"

    _name: Mapped[bytes] = mapped_column("name", LargeBinary)
    name = EncryptedText()
    _first_name: Mapped[bytes] = mapped_column("first_name", LargeBinary)
    first_name = EncryptedText()
    _email: Mapped[bytes] = mapped_column("email", LargeBinary)
    email = EncryptedText()
    email_index: Mapped[str] = mapped_column(String(32), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)
    safeguarding_lead: Mapped[bool] = mapped_column(default=False)
    _duty_number: Mapped[bytes | None] = mapped_column("duty_number", LargeBinary)
    duty_number = EncryptedText()
    duty_number_index: Mapped[str | None] = mapped_column(String(32), index=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)

    covers: Mapped[list["CentreCover"]] = relationship(lazy="selectin")
    hours: Mapped[list["WorkingHours"]] = relationship(order_by="WorkingHours.weekday, WorkingHours.local_from")

    def weekly_at(self, centre_id: int) -> list[Window]:
        """The windows of her week at a centre."""
        return [
            (row.weekday, row.local_from, row.local_until)
            for row in self.hours
            if row.centre_id == centre_id and row.only_on is None
        ]

    @property
    def centre_ids(self) -> list[int]:
        """The centres that this person covers."""
        return sorted(cover.centre_id for cover in self.covers)

    @property
    def actor(self) -> Actor:
        """This person as one who acts."""
        return Actor("staff", self.id, Role(self.role), frozenset(self.centre_ids))


class CentreCover(Base):
    """That a member of staff works at, or covers, a centre."""

    __tablename__ = "centre_covers"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), primary_key=True)


class WorkingHours(HasId, Base):
    """When somebody can be booked at a centre, in London wall time: `weekday` 0 is Monday.

    With `only_on` it is a one-off window of that date alone (whose weekday it bears): a date's one-off windows replace
    her weekly hours of that day at every centre.
    """

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("local_from < local_until", name="order"),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    weekday: Mapped[int]
    local_from: Mapped[time]
    local_until: Mapped[time]
    only_on: Mapped[date | None] = mapped_column(index=True)


class Absence(HasId, Base):
    """When somebody is away and cannot be booked; `covered_by` looks after her threads and tasks until then."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="order"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    covered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
