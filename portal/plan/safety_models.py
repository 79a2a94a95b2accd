"""Her safety plan in versions; loaded only by the pages that show it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, HasId, SealedRow, UtcDateTime


class SafetyPlan(SealedRow, HasId, Base):
    """One version of her safety plan; the newest that was not taken back is the one that counts.

    `parts` is {part: words} with the parts of `safety_rules.Part`, each optional; empty once she took it back.
    `written_by_kind` is `staff` when her worker wrote it with her. `worker_may_read` is her own
    decision, None while she was not asked, which counts as no.
    """

    __tablename__ = "safety_plans"
    __table_args__ = (CheckConstraint("written_by_kind IN ('client', 'staff')", name="written_by_kind"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    version: Mapped[int]
    _parts: Mapped[bytes] = mapped_column("parts", LargeBinary)
    parts = EncryptedJson()
    language: Mapped[str] = mapped_column(String(2))
    worker_may_read: Mapped[bool | None]
    written_by_kind: Mapped[str] = mapped_column(String(10))
    written_by_id: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
