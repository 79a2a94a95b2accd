"""A gateway that keeps a list, and a worker that sends through it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from portal.core import clock
from portal.core.database import session
from portal.core.settings import Settings
from portal.jobs import sending
from portal.sms.gateway import Candidate, Gateway, Receipt
from portal.web.guards import SETTINGS


@dataclass
class ListGateway:
    """Takes texts into a list; `faults` are raised one after the other instead, `before` runs as each is taken."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    calls: list[dict] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    status: str = "queued"
    taken: list[Candidate] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def send(self, *, to: str, body: str, status_callback: str, valid_for: int | None = None) -> Receipt:
        self.before()
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((to, body))
        self.calls.append({"status_callback": status_callback, "valid_for": valid_for})
        sid = f"SM{secrets.token_hex(16)}"
        self.taken.append(Candidate(sid, self.status, body, clock.real_now()))
        return Receipt(sid, self.status)

    def find(self, *, to: str, sent_after: datetime) -> tuple[Candidate, ...]:
        return tuple(candidate for candidate in self.taken if candidate.created_at >= sent_after)

    def redact(self, sid: str) -> None:
        pass


@pytest.fixture
def gateway() -> ListGateway:
    return ListGateway()


@pytest.fixture
def settings(app) -> Settings:
    return app.extensions[SETTINGS]


@pytest.fixture
def send(settings: Settings, gateway: ListGateway) -> Callable[..., int]:
    """Do a round of the worker's sending, without waiting for the rate."""

    def send(through: Gateway | None = None) -> int:
        try:
            return sending.send_due(settings, through or gateway, "test-worker", sleep=lambda seconds: None)
        finally:
            session.remove()

    return send


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"PORTAL_SMS_PER_SECOND": "1000"}
