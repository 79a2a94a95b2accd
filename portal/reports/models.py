"""The numbers of a quarter, kept as they were published: counts without names, already hidden where they were small."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class QuarterNumbers(HasId, Base):
    """What is published of one quarter, `starts_on` its first day: taken once, never made anew.

    A page that followed the records would tell, from one day to the next, what happened to one woman. It also outlives
    the records behind it (R33). `numbers` is what `hiding.published` and `facts.medians` gave.
    """

    __tablename__ = "quarter_numbers"

    starts_on: Mapped[date] = mapped_column(unique=True)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
