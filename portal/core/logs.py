"""Logging: one JSON line an event, ids and counts only (R10)."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Set up structlog and quiet the libraries that would print what they handle."""
    numeric = logging.getLevelName(level.upper())
    logging.basicConfig(level=numeric, format='{"level":"%(levelname)s","logger":"%(name)s","event":"%(message)s"}')
    for talkative in ("twilio", "werkzeug", "huey", "urllib3"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        cache_logger_on_first_use=True,
    )
