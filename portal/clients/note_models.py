"""What staff write down about a woman beside her sessions: staff-only, so that her pages never load it."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class StaffNote(SealedRow, HasId, Base):
    """A note of a member of staff; never written over: a correction is a new note that names the old one.

    `is_opinion`: what she thinks, not what she saw or was told. `third_party`: it tells of somebody else too.
    `safe_to_show`: it may go into the copy of her data, where somebody else may read it.
    """

    __tablename__ = "staff_notes"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    _body: Mapped[bytes] = mapped_column("body", LargeBinary)
    body = EncryptedText()
    is_opinion: Mapped[bool]
    third_party: Mapped[bool]
    safe_to_show: Mapped[bool]
    written_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("staff_notes.id"))
    corrects_session_id: Mapped[int | None] = mapped_column(ForeignKey("session_notes.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
