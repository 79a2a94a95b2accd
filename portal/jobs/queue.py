"""The queue: Huey on SQLite, or on Redis to grow. It keeps the schedule; the tables are the truth."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from portal.core.settings import Settings


def queue_for(settings: Settings) -> Any:
    """The queue that the settings choose; a job carries no arguments, so it can hold nothing of hers (R10)."""
    if settings.redis_url:
        from huey import RedisHuey

        return RedisHuey("portal", url=settings.redis_url, results=False)
    with _without("redis", "psycopg", "psycopg2"):
        from huey import SqliteHuey
    return SqliteHuey("portal", filename=str(queue_file(settings)), results=False, fsync=False)


def queue_file(settings: Settings) -> Path:
    """Where the embedded queue lies: beside the embedded database, else in `instance`."""
    database = make_url(settings.database_url)
    name = Path(database.database or "portal")
    folder = name.parent if database.get_backend_name() == "sqlite" else Path("instance")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name.stem}-queue.db"


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Hide modules while Huey is imported: it loads the client of every storage it knows, 17 MB for nothing."""
    hidden: dict[str, Any] = {name: None for name in names if name not in sys.modules}
    sys.modules.update(hidden)
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
