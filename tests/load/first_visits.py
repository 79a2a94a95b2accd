"""What a first visit of each page costs on the wire, beside others' style sheets alone; and its time over GPRS."""

import re
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.load.wire import Wire
from tests.support import live
from tests.support.first_visit import COOKIE_OVER_HTTPS, OVER_HTTPS
from tests.support.line import REAL_CHAIN, certificate, line
from tests.support.slow_line import slow_line

PUBLIC = ("/", "/now", "/help", "/help?need=", "/sign-in", "/set-up", "/refer", "/privacy", "/accessibility")
HERS = ("/today", "/plan", "/appointments", "/appointments/new", "/messages", "/me")
SLOWLY = (("/now", "en"), ("/help", "en"), ("/sign-in", "en"), ("/refer", "en"), ("/help", "bn"), ("/refer", "fa"))

SHEETS_OF_OTHERS = (
    ("GOV.UK Frontend 6.6.0", 13_178),
    ("NHS.UK frontend 10.6.1", 23_634),
    ("Bootstrap 5.3.9", 22_775),
)
"""Their minified style sheets, Brotli at its highest quality, without headers or anything else; measured on
2026-11-26. Anew: `npm pack govuk-frontend nhsuk-frontend bootstrap`, unpack, and

    python -c "import brotli, sys; print(len(brotli.compress(open(sys.argv[1], 'rb').read())))" FILE

for `dist/govuk/govuk-frontend.min.css`, `dist/nhsuk/nhsuk-frontend.min.css` and `dist/css/bootstrap.min.css`.
"""


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """First visits in bytes, as over HTTPS, then in seconds over GPRS where there is a Chromium."""
    with live.portal(folder, worker=False) as portal:
        rows = [(f"{path} first visit (limit 7,300)", _first_visit(Wire(portal.address), path), "B") for path in PUBLIC]
        hers, woman = Wire(portal.address), portal.demo["clients"][0]
        hers.sign_in(woman["code_name"], woman["passcode"])
        rows += [(f"{path} first visit (limit 7,300)", _first_visit(hers, path), "B") for path in HERS]
        rows += [(f"for comparison: {name}, style sheet alone", size, "B") for name, size in SHEETS_OF_OTHERS]
        return rows + _over_gprs(folder, int(portal.address.rsplit(":", 1)[1]))


def _first_visit(wire: Wire, path: str) -> int:
    page = wire.get(path)
    others = re.findall(r'(?:stylesheet" href|script src)="([^"]+)"', wire.get(path, compressed=False).body.decode())
    answers = [page, *(wire.get(other) for other in others)]
    cookies = len(re.findall(rb"(?i)^set-cookie:", page.head, re.MULTILINE))
    return sum(answer.bytes_on_wire + OVER_HTTPS for answer in answers) + COOKIE_OVER_HTTPS * cookies


def _over_gprs(folder: Path, port: int) -> list[tuple[str, float, str]]:
    if live.chromium() is None:
        return []
    rows = []
    with line(certificate(folder, REAL_CHAIN)) as door, sync_playwright() as playwright:
        door.leads_to = port
        browser = playwright.chromium.launch(
            executable_path=live.chromium(), args=["--no-sandbox", "--ignore-certificate-errors"]
        )
        for scheme, leads_to in (("http", port), ("https", door.port)):
            for path, language in SLOWLY:
                with slow_line(leads_to) as slowly:
                    text, painted = _times(browser, f"{scheme}://127.0.0.1:{slowly}{path}", language)
                rows.append((f"{path} in {language} over GPRS by {scheme}: its words are there", text, "s"))
                rows.append((f"{path} in {language} over GPRS by {scheme}: painted (limit 3)", painted, "s"))
        browser.close()
    return rows


def _times(browser: Browser, address: str, language: str) -> tuple[float, float]:
    """Seconds from nothing, the connection too, to the whole page's text and to its first painting."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    page.goto(address)
    while not page.evaluate("performance.getEntriesByName('first-contentful-paint').length"):
        page.wait_for_timeout(100)
    text, painted = page.evaluate(
        "[performance.getEntriesByType('navigation')[0].responseEnd,"
        " performance.getEntriesByName('first-contentful-paint')[0].startTime]"
    )
    context.close()
    return text / 1000, painted / 1000
