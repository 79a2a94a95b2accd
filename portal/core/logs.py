"""Logging: one JSON line an event, ids and counts only, never a name, number, body, code or address (R10).

The standard library's own: a logging library costs 5 MB of every process for the dozen lines that are written here.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

_QUIET = ("twilio", "werkzeug", "huey", "urllib3", "alembic")
"""Libraries that would print what they handle."""


class Logger:
    """Writes events with their facts: `log.error("duty_failed", duty="sending")`."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **facts: Any) -> None:
        """Something happened as it should."""
        self._logger.info(event, extra={"facts": facts})

    def warning(self, event: str, **facts: Any) -> None:
        """Something happened that somebody should look at."""
        self._logger.warning(event, extra={"facts": facts})

    def error(self, event: str, **facts: Any) -> None:
        """Something went wrong."""
        self._logger.error(event, extra={"facts": facts})


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        return json.dumps(line, default=str)


def get_logger(name: str) -> Logger:
    """The logger of a module."""
    return Logger(name)


def configure(level: str) -> None:
    """Write JSON lines to standard error from this level up."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
