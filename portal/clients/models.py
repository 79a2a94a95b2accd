"""The woman's record, her safe-contact record in versions, and who must not see her."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, EncryptedText, HasId, SealedRow, UtcDateTime


class ClientState(StrEnum):
    """Whether her record is in use."""

    OPEN = "open"
    CLOSED = "closed"


class Client(SealedRow, HasId, Base):
    """A woman on the scheme.

    `code_name` is what she signs in with, `called_name` what is called out at the desk. The `*_online` switches say
    which sensitive classes her own pages may show (R41); off, the pages are those of a woman without such data.
    `pages_language` is what she chose for her own pages, where that is another than `language`, which leads texts and
    workers.
    `preparation` holds what a session of hers needs: access, childcare, interpreter, language spoken.
    `merged_into_id` names the record in which this one, closed, goes on. `listed_number` stood on the list with which
    she was brought over: nobody asked her about it, so nothing goes to it; it goes once her safe contact is recorded.
    Before `nothing_before_on`, the day she is free to be reached, nothing is sent, rung or posted. `managers_only`: she
    named somebody who must not know of her and nobody has found out yet who that is, so only managers see her (R29).
    """

    __tablename__ = "clients"
    __table_args__ = (CheckConstraint("state IN ('open', 'closed')", name="state"),)

    _code_name: Mapped[bytes] = mapped_column("code_name", LargeBinary)
    code_name = EncryptedText()
    code_name_index: Mapped[str] = mapped_column(String(32), unique=True)
    _called_name: Mapped[bytes] = mapped_column("called_name", LargeBinary)
    called_name = EncryptedText()
    language: Mapped[str] = mapped_column(String(2), default="en")
    pages_language: Mapped[str | None] = mapped_column(String(2))
    keyworker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default=ClientState.OPEN)
    _preparation: Mapped[bytes | None] = mapped_column("preparation", LargeBinary)
    preparation = EncryptedJson()

    sign_in_paused: Mapped[bool] = mapped_column(default=False)
    shows_worker_name: Mapped[bool] = mapped_column(default=False)
    safety_plan_online: Mapped[bool] = mapped_column(default=False)
    sensitive_goals_online: Mapped[bool] = mapped_column(default=False)
    messages_online: Mapped[bool] = mapped_column(default=False)
    safe_contact_online: Mapped[bool] = mapped_column(default=False)
    report_online: Mapped[bool] = mapped_column(default=False)
    seen_by_online: Mapped[bool] = mapped_column(default=False)
    calendar_online: Mapped[bool] = mapped_column(default=False)

    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    _listed_number: Mapped[bytes | None] = mapped_column("listed_number", LargeBinary)
    listed_number = EncryptedText()
    listed_number_index: Mapped[str | None] = mapped_column(String(32), index=True)
    nothing_before_on: Mapped[date | None]
    managers_only: Mapped[bool] = mapped_column(default=False)


class SafeContact(SealedRow, HasId, Base):
    """One version of how she may be reached safely (R18); the newest version is the one that counts.

    `safe_hours` is a list of {"day": 0-6 (Monday 0), "from": "09:30", "to": "14:30"} in London wall time.
    Every question about safety has no default: it is asked, and `None` means that nobody asked yet. `sign_at` is the
    last sign that the number is hers; `stopped_at` that a contact may have put her at risk, so that nothing goes out
    until she was asked anew (R47). Where phone or home do not stay the same, a person reminds her too.
    `code_by_text`: she chose that a code by text lets her in (R13).
    """

    __tablename__ = "safe_contacts"
    __table_args__ = (
        UniqueConstraint("client_id", "version"),
        CheckConstraint("wording IN ('plain', 'short', 'cover')", name="wording"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    version: Mapped[int]
    may_text: Mapped[bool]
    _number: Mapped[bytes | None] = mapped_column("number", LargeBinary)
    number = EncryptedText()
    number_index: Mapped[str | None] = mapped_column(String(32), index=True)
    number_end_index: Mapped[str | None] = mapped_column(String(32), index=True)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sign_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stable_phone: Mapped[bool | None]
    stable_home: Mapped[bool | None]
    whose_phone: Mapped[str] = mapped_column(String(20))
    _who_else_sees: Mapped[bytes | None] = mapped_column("who_else_sees", LargeBinary)
    who_else_sees = EncryptedText()
    _safe_hours: Mapped[bytes | None] = mapped_column("safe_hours", LargeBinary)
    safe_hours = EncryptedJson()
    pause_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wording: Mapped[str] = mapped_column(String(10))
    _cover_phrase: Mapped[bytes | None] = mapped_column("cover_phrase", LargeBinary)
    cover_phrase = EncryptedText()
    names_worker: Mapped[bool] = mapped_column(default=False)
    text_language: Mapped[str] = mapped_column(String(2))
    voice_language: Mapped[str] = mapped_column(String(2))
    may_reply: Mapped[bool]
    auto_reply: Mapped[bool] = mapped_column(default=False)
    reminds_week_before: Mapped[bool] = mapped_column(default=False)
    reminds_same_morning: Mapped[bool] = mapped_column(default=False)
    code_by_text: Mapped[bool] = mapped_column(default=False)
    may_ring: Mapped[bool]
    may_leave_message: Mapped[bool]
    may_say_who: Mapped[bool]
    may_post: Mapped[bool | None]
    _post_to: Mapped[bytes | None] = mapped_column("post_to", LargeBinary)
    post_to = EncryptedText()
    may_email: Mapped[bool | None]
    _email: Mapped[bytes | None] = mapped_column("email", LargeBinary)
    email = EncryptedText()
    code_word_hash: Mapped[str | None] = mapped_column(String(200))
    _trusted_person: Mapped[bytes | None] = mapped_column("trusted_person", LargeBinary)
    trusted_person = EncryptedText()
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_on: Mapped[date]
    check_again_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def has_number(self) -> bool:
        """Whether a number stands on it, without opening it."""
        return self._number is not None and self.number_index is not None


class OptOut(HasId, Base):
    """That a number asked for no more texts (R22); only she undoes it, in person or with her code word."""

    __tablename__ = "opt_outs"

    number_index: Mapped[str] = mapped_column(String(32), index=True)
    opted_out_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class Restriction(HasId, Base):
    """Somebody who must not know of her (R29): for that person her record is not there.

    `until_settled`: she named somebody, and until it is found out who that is, everybody but managers may be the one.
    """

    __tablename__ = "restrictions"
    __table_args__ = (UniqueConstraint("client_id", "staff_id"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_settled: Mapped[bool] = mapped_column(default=False)


class KeptApart(HasId, Base):
    """Two women who must never be in one centre at the same time (R43); `one_id` is the lower id."""

    __tablename__ = "kept_apart"
    __table_args__ = (UniqueConstraint("one_id", "other_id"), CheckConstraint("one_id < other_id", name="order"))

    one_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)


class BookingNeeds(HasId, Base):
    """What a session of hers must have; nobody ever reads there why."""

    __tablename__ = "booking_needs"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), unique=True)
    step_free: Mapped[bool] = mapped_column(default=False)
    female_interpreter: Mapped[bool] = mapped_column(default=False)
    childcare: Mapped[bool] = mapped_column(default=False)
    fares: Mapped[bool] = mapped_column(default=False)
    quiet_room: Mapped[bool] = mapped_column(default=False)
    child_corner: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AvoidedWorker(HasId, Base):
    """A worker whom she asked not to see: never offered to her."""

    __tablename__ = "avoided_workers"
    __table_args__ = (UniqueConstraint("client_id", "staff_id"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)


class AvoidedCentre(HasId, Base):
    """A centre from which she must stay away: nothing there is offered to her."""

    __tablename__ = "avoided_centres"
    __table_args__ = (UniqueConstraint("client_id", "centre_id"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"), index=True)
