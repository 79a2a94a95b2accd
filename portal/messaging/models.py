"""The outbox, the inbox, messages on the portal, and the switch that stops all sending."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, EncryptedText, HasId, SealedRow, UtcDateTime
from portal.messaging.rules import CODE, TextState

__all__ = ["IncomingText", "PortalMessage", "SendingStop", "Text", "TextBatch", "TextState", "TextStatus"]


class Text(SealedRow, HasId, Base):
    """One text to one woman, from the moment it is wanted to its last state: the outbox is the truth.

    `kind` names its template (`written` is a text of staff's own), `subject` what it is about (`appointment:12`) and
    `once` keeps it from ever being wanted twice. Automatic texts store no wording: they are worded at sending; what
    was really sent stands in `body`, and `offers_replies` whether it told her that she may answer. `facts` holds the
    few values that only the moment of wanting it knows (the time that was cancelled, say). `sent_at` is when it left
    us, or may have; `redact_at`, when its words are to be erased at the gateway next, `redacted_at`, that the gateway
    keeps none of them any more. `gateway_sid` is the id of the try at hand, empty until the gateway has it and again
    once a further try is to come; every try's id stands in its statuses. `claimed_at` and `looked_up_at` are real time,
    all else is the portal's.
    """

    __tablename__ = "texts"
    __table_args__ = (
        Index("ix_texts_state_next", "state", "send_at"),
        Index("ix_texts_number_sent", "number_index", "sent_at"),
        Index("ix_texts_subject", "subject"),
        Index("ix_texts_claimed", "claimed_at"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), default="")
    once: Mapped[str] = mapped_column(String(120), unique=True)
    _facts: Mapped[bytes | None] = mapped_column("facts", LargeBinary)
    facts = EncryptedJson()
    _body: Mapped[bytes | None] = mapped_column("body", LargeBinary)
    body = EncryptedText()
    language: Mapped[str] = mapped_column(String(2), default="")
    parts: Mapped[int] = mapped_column(default=0)
    offers_replies: Mapped[bool] = mapped_column(default=False)
    _number: Mapped[bytes | None] = mapped_column("number", LargeBinary)
    number = EncryptedText()
    number_index: Mapped[str | None] = mapped_column(String(32))
    written_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("text_batches.id"), index=True)

    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40), default="")
    send_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_after_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wanted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    looked_up: Mapped[int] = mapped_column(default=0)
    looked_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gateway_sid: Mapped[str | None] = mapped_column(String(64), index=True)
    gateway_code: Mapped[str] = mapped_column(String(20), default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    redacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    redact_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    redact_tries: Mapped[int] = mapped_column(default=0)

    @property
    def said(self) -> str | None:
        """Its words as staff may read them: those of a code are hers alone (R13)."""
        return None if self.kind == CODE else self.body


class TextStatus(HasId, Base):
    """One status that the gateway reported of a text, kept as it came, repeated and swapped ones too.

    `gateway_sid` says of which try: a text that a switched-off phone did not take may be sent again under another id.
    What the gateway answers to sending and to a look-up is a status too, so every try has one.
    """

    __tablename__ = "text_statuses"

    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"), index=True)
    gateway_sid: Mapped[str] = mapped_column(String(64), default="")
    status: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(20), default="")
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IncomingText(SealedRow, HasId, Base):
    """A text that came in: one row per gateway id; the worker decides what it means and whose task it is."""

    __tablename__ = "incoming_texts"
    __table_args__ = (Index("ix_incoming_number", "number_index", "received_at"),)

    gateway_sid: Mapped[str] = mapped_column(String(64), unique=True)
    _number: Mapped[bytes] = mapped_column("number", LargeBinary)
    number = EncryptedText()
    number_index: Mapped[str] = mapped_column(String(32))
    _body: Mapped[bytes] = mapped_column("body", LargeBinary)
    body = EncryptedText()
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    interpreted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    meaning: Mapped[str] = mapped_column(String(20), default="")
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    answers_text_id: Mapped[int | None] = mapped_column(ForeignKey("texts.id"))
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    redacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    redact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    redact_tries: Mapped[int] = mapped_column(default=0)


class PortalMessage(SealedRow, HasId, Base):
    """A message on the portal between a woman and staff; `staff_id` is empty when she wrote it."""

    __tablename__ = "portal_messages"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    _body: Mapped[bytes] = mapped_column("body", LargeBinary)
    body = EncryptedText()
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SendingStop(HasId, Base):
    """That sending was stopped, by whom and why; it runs again once `ended_at` is set.

    `women_only`: texts to women are off, as from the first hour of a charity until a manager turns them on. Calls of
    the duty rota and a test to a staff phone still go then; any other stop stops those too. `stopped_by` is empty where
    a restored backup did it.
    """

    __tablename__ = "sending_stops"

    stopped_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str] = mapped_column(String(200))
    women_only: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class TextBatch(SealedRow, HasId, Base):
    """One text to many women: written once, one outbox row for each who may get it.

    `left_out` is {client id: reason} of those who could not get it when it was sent.
    """

    __tablename__ = "text_batches"

    _body: Mapped[bytes] = mapped_column("body", LargeBinary)
    body = EncryptedText()
    _left_out: Mapped[bytes] = mapped_column("left_out", LargeBinary)
    left_out = EncryptedJson()
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
