"""`make scan`: a web scanner (wapiti) at the demo, as a stranger, as a woman and as a keyworker; says what it found.

By hand, never in the tests: ten minutes. `ARGS="600"` gives each person that many seconds, `ARGS="240 woman"` scans as
one of them. Modules that ask machines elsewhere are left out (R5). `scanned.py` says what is served.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, build_opener

import pyotp

from tests.support import live

MODULES = (
    "backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "ldap", "methods",
    "permanentxss", "redirect", "shellshock", "sql", "timesql", "upload", "xss",
)  # fmt: skip
MOST_SECONDS = 240
"""For one person: a third of it for reading the pages, the rest in equal parts for the modules. A stranger's
few pages take less than a minute, so that the three take less than ten."""
TO_STOP = 60
"""Seconds that the scanner has beyond its own limits, to end its last requests and to write."""
OUT_OF_TIME = "out of time: not every page was read"
"""As `scanner.py` says it."""
MOST_TO_A_FOLDER = 40
"""Pages of one folder of addresses: what the scanner books and writes makes new ones for ever."""
FIRST = {"stranger": "/", "woman": "/today", "keyworker": "/staff/today"}
ENDS_THE_SESSION = (
    "/leave", "/sign-out", "/me/passcode", "/me/sign-out-others",
    "/staff/sign-out", "/staff/locked", "/staff/lock", "/staff/device", "/staff/me/",
)  # fmt: skip
TAKES_AWAY = ("/appointments/*/cancel",)
"""Read first, this would leave nothing to change: every later try at an appointment would get 409."""
BEGINS_ANOTHER = ("/sign-in", "/set-up", "/staff/sign-in", "/staff/set-up")
EXPECTED = {
    "Secure Flag cookie": "the demo is plain HTTP on loopback; over HTTPS it is set, as tests/web/test_leave.py proves",
}
"""Findings that are left out, and why."""


def main(python: str, most_seconds: int, *chosen: str) -> int:
    """Scan as each of three people, or those chosen; the status is 1 when anything was found or a scan did not end."""
    ill = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        answers = folder / "answers"
        settings = {"PORTAL_NOW": "2026-12-01T09:20:00+00:00", "SCAN_ANSWERS": str(answers)}
        with (
            (folder / "log").open("wb") as log,
            live.portal(folder, worker=False, output=log, settings=settings, app="tests.support.scanned:app") as portal,
        ):
            for who, signed_in in PEOPLE.items():
                if chosen and who not in chosen:
                    continue
                jar = signed_in(portal) if signed_in else None
                before = answers.stat().st_size
                ill |= not _scan(python, portal.address, who, folder / who, jar, most_seconds)
                with answers.open() as lines:
                    lines.seek(before)
                    ill |= not _say_answers(lines)
                if jar is not None and not _still_in(portal.address + FIRST[who], jar):
                    print("  the session did not last: this scan says little")  # noqa: T201
                    ill = True
        faults = [line for line in (folder / "log").read_text().splitlines() if '"error"' in line]
        print(f"{len(faults)} faults in the portal's own log", *faults[:5], sep="\n  ")  # noqa: T201
    return 1 if ill or faults else 0


def _scan(python: str, address: str, who: str, folder: Path, jar: CookieJar | None, most_seconds: int) -> bool:
    """Whether the scan came to its end and found nothing that is not expected."""
    folder.mkdir()
    report, cookies, began = folder / "report.json", folder / "cookies.json", time.monotonic()
    left_out = ENDS_THE_SESSION + TAKES_AWAY + (BEGINS_ANOTHER if jar else ())
    reading = most_seconds / 3
    signed_in: tuple[str, ...] = ()
    if jar is not None:
        cookies.write_text(json.dumps(_as_wapiti_reads(jar)))
        # Read by scanned.py; the scanner's own --drop-set-cookie would send no cookie either.
        signed_in = ("--cookie", str(cookies), "--header", "Scan-Keeps-Cookie: 1")
    with (folder / "said").open("wb") as said:
        try:
            subprocess.run(
                [
                    python, "-m", "tests.support.scanner", str(reading),
                    "--url", f"{address}{FIRST[who]}", "--scope", "domain", "--module", ",".join(MODULES),
                    "--format", "json", "--output", str(report), "--no-bugreport", "--verbose", "1",
                    "--max-attack-time", str((most_seconds - reading) / len(MODULES)),
                    "--max-files-per-dir", str(MOST_TO_A_FOLDER), "--tasks", "4",
                    # Few variants of one form: time must be left for the others.
                    "--scan-force", "sneaky", "--timeout", "10",
                    # Of its own for each: that database takes one scan at a time, and keeps what it knew.
                    "--store-session", str(folder / "sessions"), "--store-config", str(folder / "config"),
                    *signed_in,
                    *(part for path in left_out for part in ("--exclude", f"{address}{path}*")),
                ],
                check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=most_seconds + TO_STOP,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            print(f"as a {who}: stopped after {time.monotonic() - began:.0f} s without an end")  # noqa: T201
            return False
    printed = (folder / "said").read_text(errors="replace")
    if not report.exists():
        print(f"as a {who}: no report; the scanner's last words:", *printed.splitlines()[-5:], sep="\n  ")  # noqa: T201
        return False
    return _say_report(who, json.loads(report.read_text()), printed, time.monotonic() - began)


def _say_report(who: str, said: dict, printed: str, seconds: float) -> bool:
    kinds = {**said["vulnerabilities"], **said["anomalies"]}
    hits = [(kind, hit) for kind, listed in kinds.items() for hit in listed]
    found = [(kind, hit) for kind, hit in hits if kind not in EXPECTED]
    pages = said["infos"].get("crawled_pages_nbr", "?")
    cut = re.findall(r"Max attack time was reached for module (\w+)", printed)
    print(f"as a {who}: {pages} pages, {len(MODULES)} modules, {seconds:.0f} s, {len(found)} findings")  # noqa: T201
    if OUT_OF_TIME in printed:
        print(f"  {OUT_OF_TIME}")  # noqa: T201
    if cut:
        print(f"  cut short: {', '.join(cut)}")  # noqa: T201
    for kind in sorted({kind for kind, _ in hits} & set(EXPECTED)):
        print(f"  left out: {kind} ({EXPECTED[kind]})")  # noqa: T201
    for kind, hit in found:
        print(f"  {kind}: {hit['method']} {hit['path']} {hit.get('parameter') or ''}: {hit['info'][:200]}")  # noqa: T201
        print(*(f"    {line}" for line in hit.get("http_request", "").splitlines()), sep="\n")  # noqa: T201
    return not found


def _say_answers(lines: Iterable[str]) -> bool:
    """Say what the portal answered with; False when that was a fault, or a refusal that hides a page."""
    said = Counter(line.rstrip() for line in lines)
    answers: Counter[str] = Counter()
    for line, count in said.items():
        answers[line[:3]] += count
    print("  answers:", ", ".join(f"{count} x {status}" for status, count in sorted(answers.items())))  # noqa: T201
    ill = Counter({line: count for line, count in said.items() if line.startswith(("429", "5"))})
    for line, count in ill.most_common(10):
        print(f"  {count} x {line}")  # noqa: T201
    return not ill


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def _still_in(address: str, jar: CookieJar) -> bool:
    try:
        return build_opener(HTTPCookieProcessor(jar), _NoRedirects).open(address).status == 200
    except HTTPError:
        return False


def _woman(portal: live.LivePortal) -> CookieJar:
    woman = next(woman for woman in portal.demo["clients"] if woman["language"] == "en")
    return _through(
        portal,
        ("/sign-in", {"code_name": woman["code_name"], "passcode": woman["passcode"]}),
        ("/step-up", {"passcode": woman["passcode"]}),
    )


def _keyworker(portal: live.LivePortal) -> CookieJar:
    person = next(person for person in portal.demo["staff"] if person["role"] == "keyworker")
    code = pyotp.TOTP(person["totp_secret"]).now()
    return _through(
        portal,
        ("/staff/sign-in", {"email": person["email"], "password": person["password"]}),
        ("/staff/sign-in/second", {"code": code}),
    )


PEOPLE: dict[str, Callable[[live.LivePortal], CookieJar] | None] = {
    "stranger": None,
    "woman": _woman,
    "keyworker": _keyworker,
}


def _through(portal: live.LivePortal, *forms: tuple[str, dict[str, str]]) -> CookieJar:
    """Send forms one after the other; the cookie that comes of it holds what later tokens are made of."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    for path, fields in forms:
        address = f"{portal.address}{path}"
        asked = {**_hidden(browser, address), **fields}
        browser.open(address, urlencode(asked).encode())
    browser.open(f"{portal.address}/language")
    return jar


def _hidden(browser: OpenerDirector, address: str) -> dict[str, str]:
    page = browser.open(address).read().decode()
    return dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)) | dict(
        re.findall(r'<input[^>]*name="([^"]+)"[^>]*type="hidden"[^>]*value="([^"]*)"', page)
    )


def _as_wapiti_reads(jar: CookieJar) -> dict:
    cookies: dict = {}
    for cookie in jar:
        value = {"version": 0, "value": cookie.value, "expires": None, "secure": False, "port": None}
        cookies.setdefault(cookie.domain, {}).setdefault("/", {})[cookie.name] = value
    return cookies


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else MOST_SECONDS, *sys.argv[3:]))
