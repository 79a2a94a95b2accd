"""That two records were one woman's; only staff pages use it."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, HasId, SealedRow, UtcDateTime


class ClientMerge(SealedRow, HasId, Base):
    """That two records were one woman's: what was moved from `merged_id` to `kept_id`, so that it can be undone.

    `moved` is {"rows": {table: [ids]} that changed hands, "values": what was before and after of what was changed,
    "added": {table: [ids]} of the merge's own, "raised": the tasks that it raised}.
    """

    __tablename__ = "client_merges"

    kept_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    _moved: Mapped[bytes] = mapped_column("moved", LargeBinary)
    moved = EncryptedJson()
    merged_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
