"""The support plan: goals under their pathway, actions, her own words; and the staff-only note of risk."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
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
    """A goal under a pathway, in her words beside the worker's."""

    __tablename__ = "goals"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    pathway: Mapped[str] = mapped_column(String(20))
    _her_words: Mapped[bytes | None] = mapped_column("her_words", LargeBinary)
    her_words = EncryptedText()
    _worker_words: Mapped[bytes | None] = mapped_column("worker_words", LargeBinary)
    worker_words = EncryptedText()
    position: Mapped[int] = mapped_column(default=0)
    added_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Action(SealedRow, HasId, Base):
    """Something to do toward a goal: `doer` is `her`, `worker` or `partner`."""

    __tablename__ = "actions"
    __table_args__ = (
        CheckConstraint("doer IN ('her', 'worker', 'partner')", name="doer"),
        CheckConstraint("status IN ('to_do', 'doing', 'done', 'paused', 'changed_mind')", name="status"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goals.id"), index=True)
    _what: Mapped[bytes] = mapped_column("what", LargeBinary)
    what = EncryptedText()
    doer: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(12), default=ActionStatus.TO_DO)
    status_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    added_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OwnWords(SealedRow, HasId, Base):
    """Words that she wrote herself, under a goal or about the whole plan; she can take them back."""

    __tablename__ = "own_words"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"), index=True)
    _words: Mapped[bytes] = mapped_column("words", LargeBinary)
    words = EncryptedText()
    language: Mapped[str] = mapped_column(String(2))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RiskNote(SealedRow, HasId, Base):
    """What staff know of the risk to her: staff-only, never on her pages, never in a text."""

    __tablename__ = "risk_notes"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    _note: Mapped[bytes] = mapped_column("note", LargeBinary)
    note = EncryptedText()
    noted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
