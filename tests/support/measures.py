"""What a page costs and what two pages differ in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from portal.core import database


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collects the statements that the database is asked meanwhile."""
    asked: list[str] = []

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)


def without_tokens(html: str) -> str:
    """A page without its tokens, which differ each time it is fetched."""
    return re.sub(r'(name="(?:csrf_token|request_key)" value=)"[^"]*"', r"\1", html)
