"""What changes a report: sessions she was let off, and the reports that people made and sent (R31)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, EncryptedText, HasId, SealedRow, UtcDateTime


class ExcusedSession(HasId, Base):
    """One session of a condition that she need not come to, nor make up; `appointment_id` when it was a booked one."""

    __tablename__ = "excused_sessions"
    __table_args__ = (
        CheckConstraint("reason IN ('agreed', 'health', 'caring', 'safety', 'service')", name="reason"),
        CheckConstraint("(taken_back_at IS NULL) = (taken_back_by IS NULL)", name="taken_back"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    condition_id: Mapped[int] = mapped_column(ForeignKey("conditions.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), index=True)
    reason: Mapped[str] = mapped_column(String(12))
    excused_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    excused_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PoliceReport(SealedRow, HasId, Base):
    """One report about one condition as a person made it, and what became of it.

    `content` is what was told, word for word: the seven fields of `rules.Report`. "Not met" carries a reason class, and
    the database itself refuses one confirmed by whoever drafted it, or sent before it was confirmed (R31).
    `ended_why`: `replaced` by a correction, `changed` terms, `refused` by the second person, `taken_back` unsent.
    """

    __tablename__ = "police_reports"
    __table_args__ = (
        CheckConstraint("status IN ('under_way', 'met', 'not_met')", name="status"),
        CheckConstraint(
            "reason_class IN ('', 'hers_acceptable', 'hers_not', 'service', 'safety')", name="reason_class"
        ),
        CheckConstraint("(status = 'not_met') = (reason_class != '')", name="why_not_met"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
        CheckConstraint("status != 'not_met' OR confirmed_by IS NULL OR confirmed_by != drafted_by", name="two_people"),
        CheckConstraint("status != 'not_met' OR sent_at IS NULL OR confirmed_by IS NOT NULL", name="confirmed_first"),
        CheckConstraint("(sent_at IS NULL) = (sent_to = '')", name="sent"),
        CheckConstraint(
            "sent_to IN ('', 'police', 'liaison_diversion', 'prison', 'council', 'probation', 'other')", name="sent_to"
        ),
        CheckConstraint("sent_how IN ('', 'secure_mail', 'by_hand', 'post')", name="sent_how"),
        CheckConstraint("ended_why IN ('', 'replaced', 'changed', 'refused', 'taken_back')", name="ended_why"),
        CheckConstraint("(ended_at IS NULL) = (ended_why = '')", name="ended"),
        # Of those neither sent nor ended only: the migration says so. Naming PostgreSQL here would load its dialect.
        Index("uq_police_reports_open", "condition_id", unique=True),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referrals.id"), index=True)
    condition_id: Mapped[int] = mapped_column(ForeignKey("conditions.id"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("police_reports.id"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    reason_class: Mapped[str] = mapped_column(String(20), default="")
    _content: Mapped[bytes] = mapped_column("content", LargeBinary)
    content = EncryptedJson()
    drafted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_to: Mapped[str] = mapped_column(String(20), default="")
    _sent_to_words: Mapped[bytes | None] = mapped_column("sent_to_words", LargeBinary)
    sent_to_words = EncryptedText()
    sent_how: Mapped[str] = mapped_column(String(12), default="")
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str] = mapped_column(String(12), default="")
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
