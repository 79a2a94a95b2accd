"""Doing the same thing at once on several threads, each with a database session of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from portal.core.database import session

Result = TypeVar("Result")


def at_once(do: Callable[[], Result], times: int) -> list[Result]:
    """Do something on so many threads at the same moment; gives what each got."""
    ready = threading.Barrier(times)

    def one(_: int) -> Result:
        try:
            ready.wait(10)
            return do()
        finally:
            session.remove()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))
