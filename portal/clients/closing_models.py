"""That a record was closed and opened again, and that she went to another centre; only staff pages use it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedJson, HasId, SealedRow, UtcDateTime


class Closing(SealedRow, HasId, Base):
    """One closing of a record, coded; `checklist` is {what: how it was seen to}, all codes.

    `follow_up_on`: the day on which a person asks how she is, None where she wants none. Reopened, the row stays.
    """

    __tablename__ = "closings"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('completed', 'moved_away', 'her_wish', 'lost_touch', 'sender_ended', 'other_support',"
            " 'declined', 'mistake', 'died')",
            name="reason",
        ),
        CheckConstraint(
            "follow_up_result IN ('', 'doing_well', 'wants_support', 'came_back', 'not_reached', 'not_safe',"
            " 'not_wanted')",
            name="follow_up_result",
        ),
        CheckConstraint("(followed_up_at IS NULL) = (follow_up_result = '')", name="followed_up"),
        # Of those not reopened only: the migration says so. Naming PostgreSQL here would load its dialect.
        Index("uq_closings_open", "client_id", unique=True),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    _checklist: Mapped[bytes | None] = mapped_column("checklist", LargeBinary)
    checklist = EncryptedJson()
    closed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    follow_up_on: Mapped[date | None] = mapped_column(index=True)
    follow_up_result: Mapped[str] = mapped_column(String(20), default="")
    followed_up_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    followed_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CentreMove(HasId, Base):
    """That a woman went from one centre to another, with whom she had before and has now."""

    __tablename__ = "centre_moves"
    __table_args__ = (CheckConstraint("from_centre_id != to_centre_id", name="elsewhere"),)

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    from_centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    to_centre_id: Mapped[int] = mapped_column(ForeignKey("centres.id"))
    from_keyworker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    to_keyworker_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    moved_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
