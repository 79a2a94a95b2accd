"""`make scan`: a web scanner (wapiti) at the demo, as a stranger, as a woman and as a keyworker; says what it found.

By hand, never in the tests: it takes minutes. Modules that ask machines elsewhere are left out (R5).
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pyotp

from tests.support import live

MODULES = (
    "backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "ldap", "methods",
    "permanentxss", "redirect", "shellshock", "sql", "timesql", "upload", "xss",
)  # fmt: skip
MOST_SECONDS = 100
ENDS_THE_SESSION = ("/sign-out", "/leave", "/staff/sign-out")
BEGINS_ANOTHER = ("/sign-in", "/staff/sign-in")


def main(scanner: str, most_seconds: int, *chosen: str) -> int:
    """Scan as each of three people, or those chosen; the status is 1 when anything was found.

    Reading the pages takes `most_seconds` at most, each module a fifth of that.
    """
    found = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            (folder / "log").open("wb") as log,
            live.portal(
                folder, worker=False, output=log, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}
            ) as portal,
        ):
            for who, signed_in in PEOPLE.items():
                if chosen and who not in chosen:
                    continue
                cookies = folder / f"{who}.json"
                if signed_in:
                    cookies.write_text(json.dumps(_as_wapiti_reads(signed_in(portal))))
                found += _scan(scanner, portal.address, who, cookies, most_seconds)
        faults = [line for line in (folder / "log").read_text().splitlines() if '"error"' in line]
        print(f"{len(faults)} faults in the portal's own log", *faults[:5], sep="\n  ")  # noqa: T201
    return 1 if found or faults else 0


def _scan(scanner: str, address: str, who: str, cookies: Path, most_seconds: int) -> int:
    left_out = ENDS_THE_SESSION + (BEGINS_ANOTHER if cookies.exists() else ())
    report, began = cookies.with_suffix(".report"), time.monotonic()
    first = {"stranger": "/", "woman": "/today", "keyworker": "/staff/today"}[who]
    subprocess.run(
        [
            scanner, "--url", f"{address}{first}", "--scope", "domain", "--module", ",".join(MODULES),
            "--format", "json", "--output", str(report), "--flush-session",
            "--max-scan-time", str(most_seconds), "--max-attack-time", str(most_seconds // 5),
            "--max-links-per-page", "200", "--no-bugreport", "--verbose", "0",
            "--store-session", str(cookies.parent / "sessions"),
            *(("--cookie", str(cookies)) if cookies.exists() else ()),
            *(part for path in left_out for part in ("--exclude", f"{address}{path}*")),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    said = json.loads(report.read_text())
    kinds = {**said["vulnerabilities"], **said["anomalies"]}
    hits = [(kind, hit) for kind, listed in kinds.items() for hit in listed]
    pages = said["infos"].get("crawled_pages_nbr", "?")
    print(f"as a {who}: {pages} pages, {len(MODULES)} modules, {time.monotonic() - began:.0f} s, {len(hits)} findings")  # noqa: T201
    for kind, hit in hits:
        print(f"  {kind}: {hit['method']} {hit['path']} {hit.get('parameter') or ''}: {hit['info'][:200]}")  # noqa: T201
    return len(hits)


def _woman(portal: live.LivePortal) -> CookieJar:
    woman = next(woman for woman in portal.demo["clients"] if woman["language"] == "en")
    return _through(portal, ("/sign-in", {"code_name": woman["code_name"], "passcode": woman["passcode"]}))


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
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    for path, fields in forms:
        address = f"{portal.address}{path}"
        asked = {**_hidden(browser, address), **fields}
        browser.open(address, urlencode(asked).encode())
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
