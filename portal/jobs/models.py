"""When the worker last ran each of its duties."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, UtcDateTime


class Heartbeat(Base):
    """The last time a duty of the worker ended well, in real time."""

    __tablename__ = "heartbeats"

    duty: Mapped[str] = mapped_column(String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SetUpStep(Base):
    """A step of the real start that is done; until `checked` is there, staff pages say "Practice only"."""

    __tablename__ = "set_up_steps"

    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)
