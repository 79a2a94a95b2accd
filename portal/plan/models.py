"""The support plan: goals under their pathway, actions, her own words, wordings kept; the staff-only note of risk."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime
from portal.plan.rules import ActionStatus, PlanState


class Plan(HasId, Base):
    """One plan per woman; a draft is not shown to her."""

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'shared', 'agreed', 'under_review', 'closed')", name="state"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), unique=True)
    state: Mapped[str] = mapped_column(String(12), default=PlanState.DRAFT)
    agreed_on: Mapped[date | None]
    review_on: Mapped[date | None]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Goal(SealedRow, HasId, Base):
    """A goal under a pathway, in her words beside the worker's, and why it matters to her.

    `language` is that of her words. Each change of a wording makes the `revision` one higher, so that whoever wrote
    from an older one is asked before anything is overwritten. Withdrawn by herself, she changed her mind.
    `added_by` names the member of staff who added it; nobody when `added_by_kind` is `client`.
    """

    __tablename__ = "goals"
    __table_args__ = (
        CheckConstraint("added_by_kind IN ('client', 'staff')", name="added_by_kind"),
        CheckConstraint("withdrawn_by_kind IN ('client', 'staff')", name="withdrawn_by_kind"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    pathway: Mapped[str] = mapped_column(String(20))
    _her_words: Mapped[bytes | None] = mapped_column("her_words", LargeBinary)
    her_words = EncryptedText()
    _worker_words: Mapped[bytes | None] = mapped_column("worker_words", LargeBinary)
    worker_words = EncryptedText()
    _why_matters: Mapped[bytes | None] = mapped_column("why_matters", LargeBinary)
    why_matters = EncryptedText()
    language: Mapped[str] = mapped_column(String(2), default="en")
    position: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    added_by_kind: Mapped[str] = mapped_column(String(10), default="staff")
    added_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_kind: Mapped[str | None] = mapped_column(String(10))


class Action(SealedRow, HasId, Base):
    """Something to do toward a goal: `doer` is `her`, `worker` or `partner`; `revision` and `added_by` as a goal's.

    `language` is that of what is to be done, `note_language` that of the note.
    """

    __tablename__ = "actions"
    __table_args__ = (
        CheckConstraint("doer IN ('her', 'worker', 'partner')", name="doer"),
        CheckConstraint("status IN ('to_do', 'doing', 'done', 'paused', 'changed_mind')", name="status"),
        CheckConstraint("added_by_kind IN ('client', 'staff')", name="added_by_kind"),
        Index("ix_actions_reminder_due", "reminder_wanted", "due_on"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goals.id"), index=True)
    _what: Mapped[bytes] = mapped_column("what", LargeBinary)
    what = EncryptedText()
    language: Mapped[str] = mapped_column(String(2), default="en")
    _note: Mapped[bytes | None] = mapped_column("note", LargeBinary)
    note = EncryptedText()
    note_language: Mapped[str] = mapped_column(String(2), default="en")
    doer: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(12), default=ActionStatus.TO_DO)
    status_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminder_wanted: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    added_by_kind: Mapped[str] = mapped_column(String(10), default="staff")
    added_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OwnWords(SealedRow, HasId, Base):
    """Words that she wrote herself, under a goal or about the whole plan; she can correct them and take them back.

    Corrected ones stay, shown to nobody, with the row that stands in their place; taken back, all of them are empty.
    """

    __tablename__ = "own_words"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"), index=True)
    _words: Mapped[bytes] = mapped_column("words", LargeBinary)
    words = EncryptedText()
    language: Mapped[str] = mapped_column(String(2))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("own_words.id"))
    corrected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeptWording(SealedRow, HasId, Base):
    """What a field of a goal or an action held until `revision` was made of it, and who replaced it when.

    `text` is the field's words, its day in ISO form, or its code; empty when the field was.
    """

    __tablename__ = "kept_wordings"
    __table_args__ = (
        CheckConstraint("(goal_id IS NULL) <> (action_id IS NULL)", name="one"),
        CheckConstraint("replaced_by_kind IN ('client', 'staff')", name="replaced_by_kind"),
        Index("ix_kept_wordings_goal", "goal_id", "revision"),
        Index("ix_kept_wordings_action", "action_id", "revision"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"))
    action_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"))
    field: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    _text: Mapped[bytes] = mapped_column("text", LargeBinary)
    text = EncryptedText()
    language: Mapped[str] = mapped_column(String(2), default="en")
    replaced_by_kind: Mapped[str] = mapped_column(String(10))
    replaced_by_id: Mapped[int]
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RiskNote(SealedRow, HasId, Base):
    """What staff know of the risk to her: staff-only, never on her pages, never in a text."""

    __tablename__ = "risk_notes"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    _note: Mapped[bytes] = mapped_column("note", LargeBinary)
    note = EncryptedText()
    noted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
