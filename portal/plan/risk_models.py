"""Assessments of the risk to her: staff-only, so her pages never load this."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class RiskAssessment(SealedRow, HasId, Base):
    """One assessment of the risk to her, as it was made; the newest counts.

    `score` counts the "yes" of the SafeLives Dash checklist's 24 questions; None where there is none. `marac_on` is the
    day that `marac` speaks of. `why_not` says why she was not told first.
    """

    __tablename__ = "risk_assessments"
    __table_args__ = (
        CheckConstraint("kind IN ('dash', 'other')", name="kind"),
        CheckConstraint("score BETWEEN 0 AND 24", name="score"),
        CheckConstraint("judgement IN ('standard', 'medium', 'high')", name="judgement"),
        CheckConstraint("marac IN ('none', 'to_refer', 'referred', 'heard')", name="marac"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    done_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    done_on: Mapped[date]
    score: Mapped[int | None]
    judgement: Mapped[str] = mapped_column(String(10))
    marac: Mapped[str] = mapped_column(String(10), default="none")
    marac_on: Mapped[date | None]
    told_her_first: Mapped[bool]
    _why_not: Mapped[bytes | None] = mapped_column("why_not", LargeBinary)
    why_not = EncryptedText()
    _note: Mapped[bytes | None] = mapped_column("note", LargeBinary)
    note = EncryptedText()
    next_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
