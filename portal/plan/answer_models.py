"""What she says of herself: her needs and strengths, how it is going, and her answer to each plan that was shared."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, EncryptedText, HasId, SealedRow, UtcDateTime


class NeedAnswer(SealedRow, HasId, Base):
    """What she said about one pathway at one moment; a later row of the same moment stands in its place.

    `position` is her own order of what matters most, None for a pathway that she does not look at now.
    """

    __tablename__ = "need_answers"
    __table_args__ = (
        CheckConstraint("moment IN ('start', 'review', 'end')", name="moment"),
        CheckConstraint("need IN ('none', 'some', 'high', 'not_asked', 'not_for_me', 'rather_not_say')", name="need"),
        CheckConstraint("answered_by_kind IN ('client', 'staff')", name="answered_by_kind"),
        Index("ix_need_answers_client_pathway", "client_id", "pathway", "moment"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    pathway: Mapped[str] = mapped_column(String(20))
    moment: Mapped[str] = mapped_column(String(6))
    need: Mapped[str] = mapped_column(String(14))
    _strength: Mapped[bytes | None] = mapped_column("strength", LargeBinary)
    strength = EncryptedText()
    language: Mapped[str] = mapped_column(String(2))
    position: Mapped[int | None]
    answered_by_kind: Mapped[str] = mapped_column(String(6))
    answered_by_id: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Rating(HasId, Base):
    """How a pathway is going, as she says it, from 1 (very hard now) to 5 (going well)."""

    __tablename__ = "ratings"
    __table_args__ = (
        CheckConstraint("moment IN ('start', 'review', 'end')", name="moment"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        Index("ix_ratings_client_pathway", "client_id", "pathway", "moment"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    pathway: Mapped[str] = mapped_column(String(20))
    moment: Mapped[str] = mapped_column(String(6))
    score: Mapped[int]
    with_worker: Mapped[bool]
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlanVersion(SealedRow, HasId, Base):
    """The plan as it was shared with her, kept as it was, and what she answered."""

    __tablename__ = "plan_versions"
    __table_args__ = (
        UniqueConstraint("client_id", "number"),
        CheckConstraint("answer IN ('yes', 'partly', 'not_yet')", name="answer"),
        CheckConstraint("answered_by_kind IN ('client', 'staff')", name="answered_by_kind"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    number: Mapped[int]
    _content: Mapped[bytes | None] = mapped_column("content", LargeBinary)
    content = EncryptedJson()
    shared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    shared_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    answer: Mapped[str | None] = mapped_column(String(8))
    _answer_words: Mapped[bytes | None] = mapped_column("answer_words", LargeBinary)
    answer_words = EncryptedText()
    language: Mapped[str | None] = mapped_column(String(2))
    answered_by_kind: Mapped[str | None] = mapped_column(String(6))
    answered_by_id: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
