"""PORTAL_NOW: one shift of the clock for all processes of a demo, fixed when its value is first seen."""

from datetime import timedelta

from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.core import clock, database
from portal.core.database import insert_unless_there, session, unit_of_work
from portal.core.settings import Settings
from portal.web.models import ClockShift


def follow(settings: Settings) -> None:
    """Shift this process's clock as PORTAL_NOW says; before the first migration it waits for the next start."""
    if settings.now is None:
        clock.shift(clock.NO_SHIFT)
        return
    value = settings.now.isoformat()
    try:
        with unit_of_work():
            # Web server and worker start together: whoever comes second follows the first.
            seconds = (settings.now - clock.real_now()).total_seconds()
            session.execute(insert_unless_there(ClockShift, portal_now=value, seconds=seconds))
            clock.shift(timedelta(seconds=session.get_one(ClockShift, value).seconds))
    except (OperationalError, ProgrammingError):
        clock.shift(settings.now - clock.real_now())
    finally:
        database.session.remove()
