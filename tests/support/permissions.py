"""Writes docs/permissions.md from the table of roles: `python -m tests.support.permissions --write`."""

import sys
from pathlib import Path

from portal.backoffice.roles import as_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


def is_fresh() -> bool:
    """Whether the page says what the table says."""
    return PAGE.exists() and PAGE.read_text(encoding="utf-8") == as_markdown()


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(as_markdown(), encoding="utf-8")
    sys.exit(0 if is_fresh() else "docs/permissions.md is stale: python -m tests.support.permissions --write")
