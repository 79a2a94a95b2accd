"""The list of disposals; only staff pages use it."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, HasId


class Disposal(HasId, Base):
    """A way in which a matter ends outside a courtroom: a list of managers and admins, archived never deleted."""

    __tablename__ = "disposals"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    archived: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
