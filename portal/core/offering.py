"""Keeping `locales.offered()` true to what managers turned on, at the price of one small query every few seconds.

The demo offers every language and asks nobody. Else the steps that managers took are read by name alone, because their
table is a higher room's. While the database does not answer, what was last known holds.
"""

import threading
import time

from sqlalchemy import column, select, table
from sqlalchemy.exc import SQLAlchemyError

from portal.core import database, locales

FRESH_FOR = 3.0
"""Seconds for which a process believes what it read; a language that was turned off stays for so long at most."""

STARTS_WITHIN = 1.0
"""Seconds that a start waits for the first answer of a database."""

ON, OFF = "on", "off"
"""The two steps that decide whether a language is offered; the later one holds."""

_steps = table("language_steps", column("language"), column("number"), column("step"))
_TURNS = select(_steps.c.language, _steps.c.step).where(_steps.c.step.in_((ON, OFF))).order_by(_steps.c.number)

_asking = threading.Lock()
_asks = False
_fresh_until = 0.0


def follow(*, every_language: bool) -> None:
    """Offer every language for good, or English and from the next `renew` on what managers turned on."""
    global _asks
    _asks = not every_language
    locales.offer(locales.WITH_CATALOGUE if every_language else ())
    expire()


def begin() -> None:
    """Read for the first time, before the first request comes; a database that hangs does not hold up the start."""
    reading = threading.Thread(target=renew, name="languages", daemon=True)
    reading.start()
    reading.join(STARTS_WITHIN)


def expire() -> None:
    """Believe nothing that was read before now."""
    global _fresh_until
    _fresh_until = 0.0


def renew() -> None:
    """Ask the database again if what is known is no longer fresh and nobody else is asking."""
    global _fresh_until
    if not _asks or time.monotonic() < _fresh_until or not _asking.acquire(blocking=False):
        return
    try:
        # Set first: a step that is taken while this reads expires it again.
        _fresh_until = time.monotonic() + FRESH_FOR
        locales.offer(turned_on())
    except (SQLAlchemyError, RuntimeError):
        return  # without a database, or before its first migration, what was last known holds
    finally:
        _asking.release()


def turned_on() -> list[str]:
    """The languages that managers have turned on and not off again, as the database says."""
    with database.engine().connect() as connection:
        last = {turn.language: turn.step for turn in connection.execute(_TURNS)}
    return [language for language, step in last.items() if step == ON]
