"""Why she is on the scheme: the referral and its conditions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, EncryptedText, HasId, SealedRow, UtcDateTime


class Referral(SealedRow, HasId, Base):
    """One referral: source and disposal are coded for counting, the rest is sealed; the offence as a group only.

    `reporter_is_family` says that the person who reported her is or was her partner or family (R45). `said_contact`
    is how she said she may be reached: what a keyworker begins from, never what a text goes by (R18).
    `said_must_not_know` is whom she named, as she named them, until somebody has settled who they are (R29).
    `first_contact_due_at` is the end of the last day of the target for first contact.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'accepted', 'declined')", name="state"),
        CheckConstraint("agreed_how IN ('herself', 'spoken', 'written')", name="agreed_how"),
        CheckConstraint("asked_by_kind IN ('referrer', 'staff', 'herself')", name="asked_by_kind"),
        CheckConstraint(
            "declined_reason IN ('other_area', 'other_service', 'not_a_woman', 'she_said_no', 'not_reached', 'twice')",
            name="declined_reason",
        ),
        CheckConstraint(
            "first_contact_how IN ('rang', 'texted', 'met', 'she_came', 'through_referrer')", name="first_contact_how"
        ),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    referrer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="accepted", index=True)
    source: Mapped[str] = mapped_column(String(30))
    borough: Mapped[str | None] = mapped_column(String(40))
    police_area: Mapped[str | None] = mapped_column(String(30))
    disposal: Mapped[str] = mapped_column(String(40))
    disposal_on: Mapped[date | None]
    _reference: Mapped[bytes] = mapped_column("reference", LargeBinary)
    reference = EncryptedText()
    _offence_group: Mapped[bytes | None] = mapped_column("offence_group", LargeBinary)
    offence_group = EncryptedText()
    reporter_is_family: Mapped[bool] = mapped_column(default=False)
    referred_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    asked_by_kind: Mapped[str | None] = mapped_column(String(10))
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agreed_how: Mapped[str | None] = mapped_column(String(10))
    release_on: Mapped[date | None]
    _said_contact: Mapped[bytes | None] = mapped_column("said_contact", LargeBinary)
    said_contact = EncryptedJson()
    said_number_index: Mapped[str | None] = mapped_column(String(32), index=True)
    _said_must_not_know: Mapped[bytes | None] = mapped_column("said_must_not_know", LargeBinary)
    said_must_not_know = EncryptedJson()

    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    declined_reason: Mapped[str | None] = mapped_column(String(20))
    allocated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    allocated_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    first_contact_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_contact_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    first_contact_how: Mapped[str | None] = mapped_column(String(20))


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
