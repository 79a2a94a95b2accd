"""Referrals to partner organisations: what she agreed to purpose by purpose, and where each stands."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, EncryptedText, HasId, SealedRow, UtcDateTime
from portal.partners.rules import ReferralState

_STATES = "('drafted', 'agreed', 'sent', 'accepted', 'not_taken', 'first_seen', 'outcome', 'withdrawn')"


class PartnerReferral(SealedRow, HasId, Base):
    """One request to one partner: of the directory (`service_id`) or named only.

    `told` is what the partner was told, line by line, as it was when it was sent. `revision` goes up with each change.
    """

    __tablename__ = "partner_referrals"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('mental_health', 'drug_alcohol', 'debt', 'housing', 'work', 'family', 'other')", name="kind"
        ),
        CheckConstraint(f"state IN {_STATES}", name="state"),
        CheckConstraint(
            "outcome IN ('', 'helped', 'partly', 'still_waiting', 'not_right', 'did_not_go', 'not_known')",
            name="outcome",
        ),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    _name: Mapped[bytes | None] = mapped_column("name", LargeBinary)
    name = EncryptedText()
    _what_for: Mapped[bytes | None] = mapped_column("what_for", LargeBinary)
    what_for = EncryptedText()
    _told: Mapped[bytes | None] = mapped_column("told", LargeBinary)
    told = EncryptedJson()
    state: Mapped[str] = mapped_column(String(12), default=ReferralState.DRAFTED)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    revision: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PartnerAgreement(HasId, Base):
    """What she said to one purpose, or to one thing that would be told; the newest of each counts, none means no."""

    __tablename__ = "partner_agreements"
    __table_args__ = (CheckConstraint("how IN ('in_person', 'phone', 'online')", name="how"),)

    referral_id: Mapped[int] = mapped_column(ForeignKey("partner_referrals.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    item: Mapped[str] = mapped_column(String(30))
    agreed: Mapped[bool]
    how: Mapped[str] = mapped_column(String(12))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PartnerStep(HasId, Base):
    """One step of a request: which state it came to, on which day, and who noted it; `reason` is coded."""

    __tablename__ = "partner_steps"
    __table_args__ = (CheckConstraint(f"state IN {_STATES}", name="state"),)

    referral_id: Mapped[int] = mapped_column(ForeignKey("partner_referrals.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(20), default="")
    happened_on: Mapped[date]
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_kind: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int]
