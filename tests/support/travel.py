"""The portal's clock in tests."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.core.clock import LONDON


class Travel:
    """Stands at a London wall time; `to` and `forward` move it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, clock) -> None:
        self.to("2026-12-01 10:00")
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def to(self, wall_time: str) -> datetime:
        """Go to a London wall time such as "2026-12-01 10:00"; gives the instant."""
        self.now = datetime.fromisoformat(wall_time).replace(tzinfo=LONDON).astimezone(UTC)
        return self.now

    def forward(self, **delta: float) -> datetime:
        """Go forward by a timedelta's arguments; gives the instant."""
        self.now += timedelta(**delta)
        return self.now
