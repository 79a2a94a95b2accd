"""Outside services that can help, each with its source and when somebody last checked it."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class Service(HasId, Base):
    """One entry of the directory; `published` entries were verified by a public source or confirmed by staff.

    `hours` is in OpenStreetMap's opening_hours form; `hours_note` is always shown with the entry.
    """

    __tablename__ = "services"

    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    helps_with: Mapped[str] = mapped_column(String(160))
    needs: Mapped[list[str]] = mapped_column(JSON)
    audience: Mapped[str] = mapped_column(String(160), default="")
    boroughs: Mapped[list[str]] = mapped_column(JSON)
    phone: Mapped[str] = mapped_column(String(24), default="")
    sms: Mapped[str] = mapped_column(String(24), default="")
    sms_say: Mapped[str] = mapped_column(String(40), default="")
    web: Mapped[str] = mapped_column(String(200), default="")
    hours: Mapped[str] = mapped_column(String(120), default="")
    hours_note: Mapped[str] = mapped_column(String(400), default="")
    cost: Mapped[str] = mapped_column(String(20), default="")
    bill_note: Mapped[str] = mapped_column(String(24), default="")
    languages: Mapped[list[str]] = mapped_column(JSON)
    access: Mapped[list[str]] = mapped_column(JSON)
    emergency: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(200))
    source_date: Mapped[str] = mapped_column(String(10), default="")
    status: Mapped[str] = mapped_column(String(20))
    published: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    check_due_on: Mapped[date | None]
