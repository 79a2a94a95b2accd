"""Current clients brought over from a list: the list while it is looked at, and whom it made. Staff's alone."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, HasId, SealedRow, UtcDateTime


class ClientImport(SealedRow, HasId, Base):
    """One list of current clients, from its check to its undoing.

    `content` is sealed and never older than a day: before the import the list itself and what would come of it, then
    what came of each line. The file that was uploaded is never kept.
    """

    __tablename__ = "client_imports"

    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    _content: Mapped[bytes | None] = mapped_column("content", LargeBinary)
    content = EncryptedJson()


class ImportedClient(HasId, Base):
    """That a list made a woman's record; `state_as_made` is a hash of her rows in each table as the import left them.

    Where a hash is another one by now, somebody has worked on her since, and undoing leaves her alone.
    """

    __tablename__ = "imported_clients"

    import_id: Mapped[int] = mapped_column(ForeignKey("client_imports.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), unique=True)
    state_as_made: Mapped[dict[str, str]] = mapped_column(JSON)
