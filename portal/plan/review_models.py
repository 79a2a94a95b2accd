"""What only staff pages read of the plan: the worker's own view of a need, and the reviews."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class WorkerView(SealedRow, HasId, Base):
    """How a worker sees a need, kept apart from what she said; never on her pages."""

    __tablename__ = "worker_views"
    __table_args__ = (
        CheckConstraint("moment IN ('start', 'review', 'end')", name="moment"),
        CheckConstraint("need IN ('none', 'some', 'high')", name="need"),
        Index("ix_worker_views_client_pathway", "client_id", "pathway", "moment"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    pathway: Mapped[str] = mapped_column(String(20))
    moment: Mapped[str] = mapped_column(String(6))
    need: Mapped[str] = mapped_column(String(4))
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)
    words = EncryptedText()
    viewed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    viewed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Review(SealedRow, HasId, Base):
    """A time to look at the plan again: due, and once it was held, how, and what she said."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("kind IN ('first', 'next', 'end')", name="kind"),
        CheckConstraint("held_with IN ('in_person', 'phone', 'video', 'without_her')", name="held_with"),
        CheckConstraint("decided IN ('carry_on', 'change', 'close')", name="decided"),
        CheckConstraint("(held_on IS NULL) = (held_by IS NULL)", name="held"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(5))
    due_on: Mapped[date]
    held_on: Mapped[date | None]
    held_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    held_with: Mapped[str | None] = mapped_column(String(12))
    decided: Mapped[str | None] = mapped_column(String(8))
    _her_words: Mapped[bytes | None] = mapped_column("her_words", LargeBinary)
    her_words = EncryptedText()
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
