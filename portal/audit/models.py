"""The audit log: append-only; inserted unchained, sealed into the hash chain in order by the worker."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId, UtcDateTime


class AuditEntry(HasId, Base):
    """Who did what to which record: kinds and ids only, never names or words (R30).

    `position` and `chain_hash` are set once, when the worker seals the row: the hash covers the row and the hash of
    the row before it.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_client_at", "client_id", "at"),)

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int]
    actor_role: Mapped[str] = mapped_column(String(20), default="")
    action: Mapped[str] = mapped_column(String(40))
    client_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(String(40), default="")
    position: Mapped[int | None] = mapped_column(unique=True)
    chain_hash: Mapped[str | None] = mapped_column(String(64))
