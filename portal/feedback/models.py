"""What women say of us without a name: nothing in a row leads to a woman, a worker, a device, or a day."""

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, SealedRow

_ANSWERS = "('', 'yes', 'partly', 'no')"


class Feedback(SealedRow, Base):
    """The answers of one woman, "" where she gave none, and the centre and month they are about.

    `id` comes from the form's own random number, so that rows lie in no order and pressing twice makes one.
    """

    __tablename__ = "feedback"
    __table_args__ = tuple(
        CheckConstraint(f"{name} IN {_ANSWERS}", name=name) for name in ("listened", "helped", "welcome", "easy")
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    month: Mapped[str] = mapped_column(String(7))
    listened: Mapped[str] = mapped_column(String(6), default="")
    helped: Mapped[str] = mapped_column(String(6), default="")
    welcome: Mapped[str] = mapped_column(String(6), default="")
    easy: Mapped[str] = mapped_column(String(6), default="")
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)
    words = EncryptedText()
