"""Why she is on the scheme: the referral and its conditions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class Referral(SealedRow, HasId, Base):
    """One referral: source and disposal are coded for counting, the rest is sealed; the offence as a group only.

    `reporter_is_family` says that the person who reported her is or was her partner or family (R45).
    """

    __tablename__ = "referrals"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    referrer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    source: Mapped[str] = mapped_column(String(30))
    disposal: Mapped[str] = mapped_column(String(40))
    _reference: Mapped[bytes] = mapped_column("reference", LargeBinary)
    reference = EncryptedText()
    _offence_group: Mapped[bytes | None] = mapped_column("offence_group", LargeBinary)
    offence_group = EncryptedText()
    reporter_is_family: Mapped[bool] = mapped_column(default=False)
    referred_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Condition(HasId, Base):
    """What was asked of her: so many sessions by a day, as it stands now; its variations are rows of their own.

    `what`: which sessions count, one of `rules.WHAT`. Whether it is met is never stored: her attendance says so. Not
    met it is by two people's report alone (`report_models`). Withdrawn: nobody asks it of her any more, and why.
    """

    __tablename__ = "conditions"
    __table_args__ = (
        CheckConstraint("what IN ('appointments', 'one_to_one', 'group')", name="what"),
        CheckConstraint("withdrawn_why IN ('', 'sender', 'mistake', 'twice')", name="withdrawn_why"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_why = '')", name="withdrawn"),
    )

    referral_id: Mapped[int] = mapped_column(ForeignKey("referrals.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    what: Mapped[str] = mapped_column(String(20), default="appointments")
    sessions_needed: Mapped[int]
    due_on: Mapped[date]
    withdrawn_why: Mapped[str] = mapped_column(String(12), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
