"""Records opened beyond one's reach, and who outside must not know of a woman: her pages never need it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class BrokenGlass(SealedRow, HasId, Base):
    """That a member of staff opened a record beyond her reach until `until_at`, why, and what a manager said of it."""

    __tablename__ = "broken_glass"
    __table_args__ = (Index("ix_broken_glass_staff_until", "staff_id", "until_at"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(20))
    _words: Mapped[bytes] = mapped_column("words", LargeBinary)
    words = EncryptedText()
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    was_right: Mapped[bool | None]
    _judgement: Mapped[bytes | None] = mapped_column("judgement", LargeBinary)
    judgement = EncryptedText()


class OutsideRestriction(SealedRow, HasId, Base):
    """Somebody who does not work here and must not know of her (R29): a partner, a referrer, an interpreter."""

    __tablename__ = "outside_restrictions"
    __table_args__ = (CheckConstraint("kind IN ('partner', 'referrer', 'interpreter')", name="kind"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    _name: Mapped[bytes] = mapped_column("name", LargeBinary)
    name = EncryptedText()
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
