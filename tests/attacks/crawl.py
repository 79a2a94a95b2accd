"""A crowd that sends odd requests to every address; each answer is held to the rules of every answer."""

import re
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask
from hypothesis import strategies as st
from werkzeug.routing import Rule

from portal.core.banned import banned_in
from portal.core.settings import BANNED_WORDS
from portal.jobs.demo_people import WOMEN
from tests.support.demo_house import DemoHouse
from tests.support.pages import PageClient
from tests.web.test_headers import holds_r39

CANARY = "<zq'\">"
"""What must never stand in a page as it was sent."""
HEADER = "X-Zq"
ELSEWHERE = "evil.example"

ENDS_A_SESSION = ("/sign-out", "/leave", "/staff/sign-out")
"""Left out: they end the sender's own session, which tests of their own cover."""

NUMBERS = st.sampled_from([0, 1, 2, 3, 5, 8, 13, 21, 34, 2**31 - 1, 2**31, 2**63, 10**30])
ODD_WORDS = (
    "", " ", "0", "-1", "1", "2", "3", str(2**31), str(2**63), "1e9", "٣", "²", "true", "None",
    CANARY, f"{CANARY}<script>alert(1)</script>", "' OR 1=1 --", "1; DROP TABLE clients", "%s%n", "{{7*7}}",
    "../../etc/passwd", "..\\..\\x", "\x00", "\x1b[2J", "\u202e\u200f", "\ud83d", f"a\r\n{HEADER}: 1",
    f"//{ELSEWHERE}", f"https://{ELSEWHERE}/", f"/\\{ELSEWHERE}", "javascript:alert(1)", "=cmd|' /C calc'!A0",
    "2026-12-01", "2026-13-45", "0001-01-01", "9999-12-31", "2026-12-08T10:00:00+00:00", "2026-12-08T10:00:00",
    "10:00", "25:99", "+447700900101", "07700 900101", "en", "ar", "xx", "yes", "no", "late", "undo", "admin",
    "manager", "booked", "on", "أمل", "x" * 3000,
)  # fmt: skip
WORDS = st.sampled_from(ODD_WORDS)
MASS_ASSIGNED = (
    "role",
    "active",
    "client_id",
    "state",
    "keyworker_id",
    "stepped_up_at",
    "id",
    "centre_id",
    "actor_kind",
)
"""Fields that no form of ours has where they would be dangerous."""
COMMON = ("next", "q", "page", "centre", "kind", "worker", "day", "on", "hide", "language", "request_key", "show")


@dataclass
class Person:
    """Somebody of the crowd, and what must never be shown to her."""

    name: str
    browser: PageClient
    secrets: list[str]
    token: str = ""
    jar: dict[Any, Any] = field(default_factory=dict)

    def comes_back(self) -> None:
        """Have the cookies again with which she came."""
        self.browser.client._cookies = dict(self.jar)


@dataclass(frozen=True)
class Sent:
    """One request of the crowd."""

    who: str
    method: str
    address: str
    fields: dict[str, str]


@dataclass
class Crowd:
    """Everybody, and the database as it was when they came."""

    app: Flask
    people: dict[str, Person]
    database: Path
    kept: Path
    names: dict[str, set[str]] = field(default_factory=dict)

    def rules(self) -> list[Rule]:
        """Every address that the crowd may send something to."""
        return [
            rule
            for rule in self.app.url_map.iter_rules()
            if rule.endpoint != "static" and rule.rule not in ENDS_A_SESSION
        ]

    def read_the_forms(self) -> None:
        """Note the names of the fields that each address is sent by the pages that people see."""
        for rule in self.rules():
            if "GET" not in (rule.methods or ()) or "<token>" in rule.rule:
                continue
            address = with_numbers(rule.rule)
            for person in self.people.values():
                page = person.browser.client.get(address)
                if page.mimetype != "text/html":
                    continue
                for form in re.findall(r"<form.*?</form>", page.get_data(as_text=True), re.DOTALL):
                    action = re.search(r'<form[^>]*action="([^"?#]*)', form)
                    target = kind_of(action.group(1) if action and action.group(1) else address)
                    self.names.setdefault(target, set()).update(re.findall(r' name="([a-z_0-9-]+)"', form))
        self.everything_as_it_was()

    def everything_as_it_was(self) -> None:
        """Put the database and everybody's cookies back."""
        with sqlite3.connect(self.kept) as kept, sqlite3.connect(self.database) as live:
            kept.backup(live)
        for person in self.people.values():
            person.comes_back()

    def send(self, sent: Sent) -> Any:
        """Send one request and hold its answer to the rules of every answer; gives the answer."""
        person = self.people[sent.who]
        client = person.browser.client
        if sent.method == "POST":
            fields = {**sent.fields, "csrf_token": person.token}
            answer = client.post(sent.address, data=fields)
        else:
            answer = client.open(sent.address, method=sent.method, query_string=sent.fields)
        self._holds(answer, sent, person)
        return answer

    def _holds(self, answer: Any, sent: Sent, person: Person) -> None:
        not_ready = sent.address == "/ready" and answer.status_code == 503
        assert answer.status_code < 500 or not_ready, f"{sent}: {answer.status_code}"
        holds_r39(answer.headers)
        assert HEADER not in answer.headers, f"{sent}: a header was split"
        target = urlsplit(answer.headers.get("Location", ""))
        assert ELSEWHERE not in target.netloc and not answer.headers.get("Location", "").startswith(("//", "/\\")), sent
        text = answer.get_data(as_text=True)
        if answer.mimetype == "text/html":
            assert CANARY not in text, f"{sent}: shown as it was sent"
            title = re.search(r"<title>([^<]*)", text)
            assert title is None or not banned_in(title.group(1), BANNED_WORDS), f"{sent}: banned word"  # R7
        leaked = [secret for secret in person.secrets if secret in text]
        assert not leaked, f"{sent}: {leaked} shown to {person.name}"


def kind_of(address: str) -> str:
    """Addresses that differ in numbers alone are one."""
    return re.sub(r"\d+", "n", address)


def with_numbers(rule: str) -> str:
    """An address of this rule, with the first row's number in it."""
    return re.sub(r"<[^>]+>", "1", rule)


def gather(app: Flask, house: DemoHouse, database: Path, kept: Path) -> Crowd:
    """Sign everybody in and keep the database as it is then."""
    own = {woman.code_name: woman for woman in WOMEN}
    hidden = {
        "stranger": _marks("plan", "message", "risk", "offence"),
        "Dana": _marks("plan", "message", "risk"),
        "Sam": _marks("plan", "message", "risk", "offence"),
        "Alex": _marks("plan", "message", "risk", "offence"),
        "Jo": _marks("plan", "message", "risk", "offence", of="Tess"),
        "Frances": [],
        "Blue Heron 42": _marks("plan", "message", "offence", but="Blue Heron 42") + _marks("risk", "offence"),
        "قمر أزرق 23": _marks("plan", "message", "offence", but="قمر أزرق 23") + _marks("risk", "offence"),
    }
    people = {}
    for name, secrets in hidden.items():
        browser = PageClient(app)
        if name in own:
            house.woman(browser, name)
        elif name != "stranger":
            house.staff(browser, name)
        token = browser.csrf_token()
        people[name] = Person(name, browser, secrets, token, dict(browser.client._cookies))
    with sqlite3.connect(database) as live, sqlite3.connect(kept) as copy:
        live.backup(copy)
    return Crowd(app, people, database, kept)


def _marks(*kinds: str, but: str = "", of: str = "") -> list[str]:
    women = [woman for woman in WOMEN if woman.code_name != but and (not of or woman.keyworker == of)]
    return [mark for woman in women for kind in kinds for mark in woman.markers[kind]]


@st.composite
def requests(draw: st.DrawFn, crowd: Crowd) -> Sent:
    """One odd request by somebody to some address."""
    rule = draw(st.sampled_from(crowd.rules()))
    who = draw(st.sampled_from(sorted(crowd.people)))
    methods = sorted((rule.methods or {"GET"}) - {"OPTIONS"})
    method = draw(st.sampled_from(methods))
    address = rule.rule
    for argument in rule.arguments:
        number = f"<int:{argument}>" in address
        value = str(draw(NUMBERS)) if number else quote(draw(WORDS).encode("utf-8", "replace").decode(), safe="")
        address = re.sub(rf"<(?:[a-z]+:)?{argument}>", lambda _, value=value: value or "0", address)
    known = sorted(crowd.names.get(kind_of(address), set()) | set(COMMON) | set(MASS_ASSIGNED))
    names = draw(st.lists(st.sampled_from(known), max_size=8, unique=True))
    fields = {name: draw(WORDS).encode("utf-8", "replace").decode() for name in names}
    return Sent(who, method, address, fields)
