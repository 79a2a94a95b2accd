"""What staff alone prove themselves with: passkeys, recovery codes, and which challenges were used."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, EncryptedText, HasId, SealedRow, UtcDateTime


class Passkey(SealedRow, HasId, Base):
    """A passkey of a member of staff; `credential_index` finds it and keeps it from being anybody else's.

    A `stopped_at` one opens nothing: its counter went backwards (`copy`), or a backup was put back (`restored`).
    """

    __tablename__ = "passkeys"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    credential_index: Mapped[str] = mapped_column(String(32), unique=True)
    _credential_id: Mapped[bytes] = mapped_column("credential_id", LargeBinary)
    credential_id = EncryptedText()
    _public_key: Mapped[bytes] = mapped_column("public_key", LargeBinary)
    public_key = EncryptedText()
    _name: Mapped[bytes] = mapped_column("name", LargeBinary)
    name = EncryptedText()
    sign_count: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_why: Mapped[str | None] = mapped_column(String(10))


class RecoveryCode(HasId, Base):
    """A code that stands in once for the second step, as its keyed hash; 60 random bits, so that none is guessed."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("staff_id", "code_index"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    code_index: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UsedChallenge(HasId, Base):
    """A challenge that a passkey has answered, kept until it is too old anyway, so that no answer counts twice."""

    __tablename__ = "used_challenges"

    challenge_index: Mapped[str] = mapped_column(String(32), unique=True)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
