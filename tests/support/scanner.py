"""Starts wapiti so that it comes to an end; run by `scan.py`, with the scanner's own Python.

Out of time, wapiti cancels what it is doing with its own database. What it was reading or writing then holds a lock,
the next write fails with "database is locked", and no report comes. So its reading of pages is asked to stop instead,
and its readers do not hold up its writers (WAL).
"""

import asyncio
import sys

from sqlalchemy import event
from sqlalchemy.engine import Engine
from wapitiCore.main import wapiti

PRAGMAS = ("journal_mode = wal", "synchronous = off", "busy_timeout = 20000")
OUT_OF_TIME = "out of time: not every page was read"


@event.listens_for(Engine, "connect")
def _without_locks(connection, _) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _scan(reading_seconds: float) -> None:
    def stop_reading() -> None:
        if not is_read.is_set():
            print(OUT_OF_TIME)  # noqa: T201
            wapiti.global_stop_event.set()

    is_read = asyncio.Event()
    browse = wapiti.Wapiti.browse

    async def browse_until_stopped(*args, **kwargs):
        asyncio.get_running_loop().call_later(reading_seconds, stop_reading)
        await browse(*args, **kwargs)
        is_read.set()

    wapiti.Wapiti.browse = browse_until_stopped
    await wapiti.wapiti_main()


if __name__ == "__main__":
    seconds = float(sys.argv.pop(1))
    asyncio.run(_scan(seconds))
