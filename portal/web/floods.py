"""Floods: how often one session or one network may ask for what costs much, in a minute.

What protects an account is counted in the database (`accounts.limits`); this keeps one visitor from taking the portal
from all others. It counts in this process, or for all processes in Redis where that is set. Nothing here depends on
whose account is asked for, so no answer tells of one (R14).

A centre stands behind one address: 40 people. In its busiest minute each opens a page every 3 seconds (20 a minute:
800 together) and 40 open boards ask 4 times a minute (160): 960, and 3,000 are let through. Each searches 5 times
(200; 400), writes 3 texts (120; 300), and all of them sign in within the same minute, staff in two steps (80; 240).
One person has 40 searches, 40 texts, 30 tries. `decisions/0025` says more.
"""

import hmac
import re
import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple, Protocol

from flask import Flask, request, session
from werkzeug.exceptions import TooManyRequests

from portal.core.logs import get_logger
from portal.core.settings import LOOPBACK_HOSTS, Settings

log = get_logger(__name__)

WINDOW = 60
"""Seconds in which is counted."""
PATIENCE = 0.2
"""Seconds that a request waits for Redis before it counts by itself."""
AGAIN_AFTER = 30
"""Seconds for which Redis is left alone when it did not answer."""
MOST_COUNTERS = 50_000

_NEVER = re.compile(r"/(now|leave|health|ready|metrics|robots\.txt|\.well-known/.*|help(/.*)?|static/.*|sms/.*)?")
"""Help and the way out stay open whoever floods, and the gateway loses no text: what it did not sign is refused
before anything is asked."""


class Rule(NamedTuple):
    """What is counted together, and how often in a minute one session and one network may."""

    name: str
    method: str
    path: re.Pattern[str]
    of_session: int
    of_network: int


RULES = (
    Rule("search", "POST", re.compile(r"/staff/(find|inbox/search|groups/\d+/find|clients/\d+/merge)"), 40, 400),
    Rule("search", "GET", re.compile(r"/staff/clients"), 40, 400),
    Rule(
        "write", "POST",
        re.compile(r"/messages|/staff/clients/\d+/messages|/staff/messages/(new-batch|send-batch)|/staff/messages-taken"),
        40, 300,
    ),
    Rule(
        "prove", "POST",
        re.compile(r"/(staff/)?(set-up|sign-in|step-up|locked|device)(/.*)?|/staff/clients/\d+/(caller|setup-code)"),
        30, 240,
    ),
    Rule("tell", "POST", re.compile(r"/(refer|staff/refer|feedback)(/.*)?"), 20, 60),
)  # fmt: skip
EVERYTHING = 3000
"""How often one network may ask for anything in a minute."""


class Counters(Protocol):
    """Something that counts."""

    def add(self, names: Iterable[str], now: float) -> list[int]:
        """Add one to each of some counters of this window; gives what they stand at."""


class InMemory:
    """Counters of this process alone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def add(self, names: Iterable[str], now: float) -> list[int]:
        """As `Counters`; the window before is forgotten, and so is everything when there are too many to keep."""
        window = int(now // WINDOW)
        with self._lock:
            if window != self._window or len(self._counts) > MOST_COUNTERS:
                self._window, self._counts = window, {}
            return [self._one_more(name) for name in names]

    def _one_more(self, name: str) -> int:
        count = self._counts[name] = self._counts.get(name, 0) + 1
        return count


class InRedis:
    """Counters of all processes, with those of this one for the time in which Redis does not answer."""

    def __init__(self, url: str, prefix: str = "portal:flood:") -> None:
        # Late: the library is only needed where Redis is.
        import redis

        self._faults = (redis.RedisError, OSError)
        self._redis: Any = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._prefix = prefix
        self._instead = InMemory()
        self._not_before = 0.0
        self._told = False

    def add(self, names: Iterable[str], now: float) -> list[int]:
        """As `Counters`."""
        names = list(names)
        if now < self._not_before:
            return self._instead.add(names, now)
        try:
            counts = self._ask(names, int(now // WINDOW))
        except self._faults as fault:
            self._not_before = now + AGAIN_AFTER
            if not self._told:
                self._told = True
                log.error("floods_counted_without_redis", error=type(fault).__name__)
            return self._instead.add(names, now)
        self._told = False
        return counts

    def _ask(self, names: list[str], window: int) -> list[int]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.incr(f"{self._prefix}{window}:{name}")
                pipeline.expire(f"{self._prefix}{window}:{name}", 2 * WINDOW)
            return [int(count) for count in pipeline.execute()[::2]]


def init_app(app: Flask, settings: Settings) -> None:
    """Count what is asked for before anything else is done."""
    app.extensions["portal_floods"] = counters = counters_for(settings)

    @app.before_request
    def _count() -> None:
        _refuse_flood(counters, settings.secret_key)


_shared: dict[str, Counters] = {}


def counters_for(settings: Settings) -> Counters:
    """The counters of this process, the same however much of the portal it has loaded."""
    if settings.redis_url not in _shared:
        _shared[settings.redis_url] = InRedis(settings.redis_url) if settings.redis_url else InMemory()
    return _shared[settings.redis_url]


_now: Callable[[], float] = time.time
"""Real time: a clock that stands still for a demo would never begin a new minute."""


def _refuse_flood(counters: Counters, key: str) -> None:
    if _NEVER.fullmatch(request.path):
        return
    limits = dict(_limits(key))
    now = _now()
    if limits and any(count > most for count, most in zip(counters.add(limits, now), limits.values(), strict=True)):
        raise TooManyRequests(retry_after=WINDOW - int(now % WINDOW))


def _limits(key: str) -> Iterable[tuple[str, int]]:
    """The counters that this request adds to, and what each may stand at; no name holds an address or token (R10)."""
    network, visitor = _network(), session.get("t") or session.get("csrf_token")
    if network is not None:
        yield _named(key, "any", network), EVERYTHING
    for rule in RULES:
        if request.method == rule.method and rule.path.fullmatch(request.path):
            if visitor is not None:
                yield _named(key, f"{rule.name}|session", visitor), rule.of_session
            if network is not None:
                yield _named(key, f"{rule.name}|network", network), rule.of_network


def _network() -> str | None:
    """The network that asks; this machine itself is none: a proxy that hides everybody else must not stop them all."""
    # Late: whoever never asks for more than the door's pages never needs it.
    from ipaddress import ip_address, ip_network

    address = request.remote_addr or ""
    if address in LOOPBACK_HOSTS:
        return None
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(parsed if parsed.version == 4 else parsed.ipv4_mapped or ip_network((int(parsed), 64), strict=False))


def _named(key: str, kind: str, of: str) -> str:
    return hmac.new(key.encode(), f"flood|{kind}|{of}".encode(), sha256).hexdigest()[:24]
