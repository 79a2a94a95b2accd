"""What the HTTP kit stores: which forms were already carried out, and the demo's fixed clock."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class RequestKey(HasId, Base):
    """A form that was carried out: pressed twice, it is made once (R38)."""

    __tablename__ = "request_keys"
    __table_args__ = (UniqueConstraint("actor_kind", "actor_id", "request_key"),)

    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int]
    request_key: Mapped[str] = mapped_column(String(64))
    made: Mapped[str] = mapped_column(String(80), default="")
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClockShift(Base):
    """How far `clock.now()` is shifted for one value of PORTAL_NOW, shared by all processes."""

    __tablename__ = "clock_shifts"

    portal_now: Mapped[str] = mapped_column(String(40), primary_key=True)
    seconds: Mapped[float]
