"""The steps that managers take with a language; nothing is changed afterwards, so the newest of a kind holds."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class LanguageStep(HasId, Base):
    """That a language was read, approved, turned on or off. `number` counts the steps of one language, so that of two
    who press at once only one takes the next step; `words` is the mark of the very words that it was about.
    """

    __tablename__ = "language_steps"
    __table_args__ = (UniqueConstraint("language", "number"),)

    language: Mapped[str] = mapped_column(String(2))
    number: Mapped[int]
    step: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(16))
    reader: Mapped[str] = mapped_column(String(80), default="")
    read_on: Mapped[date | None]
    taken_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
