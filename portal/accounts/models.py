"""How people prove who they are: passcodes, passwords, second factors, links, sessions, limits, kept forms."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, EncryptedText, HasId, SealedRow, UtcDateTime


class ClientPasscode(Base):
    """The passcode that a woman chose, as a peppered argon2id hash."""

    __tablename__ = "client_passcodes"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    passcode_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SetupCode(HasId, Base):
    """A one-time code with which she sets her passcode; made by staff, gone after 24 hours or one use."""

    __tablename__ = "setup_codes"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    code_index: Mapped[str] = mapped_column(String(32))
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TextCode(HasId, Base):
    """That somebody asked for a code by text, whoever she is, and the code's keyed hash where one was made (R13).

    The page that is asked writes the same row for every name that is typed, known or not; the worker looks at it later
    (`looked_at`), so that the answer tells nothing (R14). A code works only in the browser that asked: `browser_index`
    is the index of a random token in its cookie.
    """

    __tablename__ = "text_codes"

    browser_index: Mapped[str] = mapped_column(String(32), unique=True)
    code_name_index: Mapped[str] = mapped_column(String(32))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    code_index: Mapped[str] = mapped_column(String(32), default="")
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffCredential(SealedRow, Base):
    """A member of staff's password hash and TOTP secret; `last_step` keeps a code from working twice (R17)."""

    __tablename__ = "staff_credentials"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    _totp_secret: Mapped[bytes | None] = mapped_column("totp_secret", LargeBinary)
    totp_secret = EncryptedText()
    last_step: Mapped[int] = mapped_column(default=0)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffLink(SealedRow, HasId, Base):
    """A one-time link for setting a password and second factor, shown once to the admin who made it."""

    __tablename__ = "staff_links"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    token_index: Mapped[str] = mapped_column(String(32), unique=True)
    _totp_secret: Mapped[bytes] = mapped_column("totp_secret", LargeBinary)
    totp_secret = EncryptedText()
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignedIn(HasId, Base):
    """A session on the server: the cookie holds a random token, this row its keyed hash.

    On a desk (`device_id`) a session of staff locks where it would end elsewhere (R17).

    `kind` is `own`, `shared` or `kiosk` for women, `staff`, or `second` while staff still owe the second factor.
    `by_text`: it began with a code by text, so nobody in it has shown yet that she knows the passcode (R13).
    `device` says what kind of device staff use, in words.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_actor", "actor_kind", "actor_id"),)

    token_index: Mapped[str] = mapped_column(String(32), unique=True)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    by_text: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str] = mapped_column(String(30), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stepped_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_id: Mapped[int | None]
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AttemptCount(HasId, Base):
    """Failed tries in one window for one account or network, kept here so that a restart forgets nothing (R14)."""

    __tablename__ = "attempt_counts"

    bucket: Mapped[str] = mapped_column(String(32), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int]


class KeptForm(SealedRow, HasId, Base):
    """What she had typed when her session ended, for 30 minutes; only she gets it back (R38)."""

    __tablename__ = "kept_forms"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    _typed: Mapped[bytes] = mapped_column("typed", LargeBinary)
    typed = EncryptedJson()
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
