"""The charity's own devices, named by an admin, and what staff had typed when their session locked."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, HasId, SealedRow, UtcDateTime


class Device(HasId, Base):
    """A desk or a kiosk: its cookie holds a random token, this row its keyed hash; nothing of any woman.

    `code_index` is of the code that sets it up, `paired_at` when a browser became it, `seen_on` the last day of use.
    """

    __tablename__ = "devices"

    kind: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(60))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code_index: Mapped[str | None] = mapped_column(String(32))
    code_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_index: Mapped[str | None] = mapped_column(String(32), unique=True)
    paired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeptStaffForm(SealedRow, HasId, Base):
    """What was typed in a session that had locked; only whoever unlocks that session gets it back (R38)."""

    __tablename__ = "kept_staff_forms"

    session_id: Mapped[int] = mapped_column(index=True)
    _typed: Mapped[bytes] = mapped_column("typed", LargeBinary)
    typed = EncryptedJson()
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
