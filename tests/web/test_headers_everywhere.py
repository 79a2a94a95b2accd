"""R39 and R9 on every answer there is: every address, every method, every kind of refusal, for whoever asks."""

import re

import pytest

from portal.app import create_app
from portal.core import database
from portal.core.settings import Settings
from portal.home import own_views
from portal.web import errors
from tests.core.test_settings import PRODUCTION
from tests.support import demo_house
from tests.support.pages import PageClient
from tests.web.test_headers import holds_r39

METHODS = ("get", "head", "options", "post", "put", "delete", "trace")
ENDS = ("/sign-out", "/leave", "/staff/sign-out")


def addresses(app) -> list[str]:
    """Every address with the number of a row that is there, and of one that is not."""
    found = []
    for rule in app.url_map.iter_rules():
        values = ("1", "999999") if rule.arguments else ("",)
        found += [re.sub(r"<[^>]+>", value, rule.rule) for value in values]
    return sorted({*found, "/static/css/site.css", "/nowhere", "/staff/nowhere", "/security.txt"} - set(ENDS))


def cookie_holds_r9(header: str, *, https: bool) -> None:
    name, _, rest = header.partition("=")
    parts = [part.strip().lower() for part in rest.split(";")[1:]]
    assert "httponly" in parts and "samesite=lax" in parts and "path=/" in parts
    assert not any(part.startswith(("expires", "domain")) for part in parts)
    assert all(part == "max-age=0" for part in parts if part.startswith("max-age"))
    assert ("secure" in parts) == https and name.startswith("__Host-") == https


def held(answer, *, https: bool = False) -> int:
    holds_r39(answer.headers)
    assert ("Strict-Transport-Security" in answer.headers) == https
    assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    if "max-age" not in answer.headers["Cache-Control"]:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers and "Last-Modified" not in answer.headers
    for cookie in answer.headers.getlist("Set-Cookie"):
        cookie_holds_r9(cookie, https=https)
    return answer.status_code


@pytest.mark.parametrize("who", [None, "Blue Heron 42", "Frances"])
def test_every_address_answers_every_method_with_them(app, travel, who):
    house, browser = demo_house.load(), PageClient(app)
    if who:
        (house.woman if who.endswith("42") else house.staff)(browser, who)
    jar, statuses = dict(browser.client._cookies), set()
    for address in addresses(app):
        for method in METHODS if "999999" not in address else ("get",):
            browser.client._cookies = dict(jar)
            statuses.add(held(browser.client.open(address, method=method.upper())))
    assert statuses >= {200, 400, 404, 405} and not any(status >= 500 for status in statuses - {503})


@pytest.mark.parametrize("address", ENDS)
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_so_do_the_ends_of_a_session(app, travel, address, method):
    house, browser = demo_house.load(), PageClient(app)
    house.woman(browser, "Blue Heron 42")
    held(getattr(browser.client, method)(address))


@pytest.mark.parametrize("who", [None, "woman"])
def test_over_https_cookies_are_host_bound_and_secure(environ, travel, who):  # R9
    app = create_app(Settings.from_env({**PRODUCTION, **environ}))
    client = app.test_client()
    there = {"base_url": "https://week.example.org"}
    given = []
    for address in ("/", "/now", "/sign-in", "/staff/sign-in", "/language", "/today", "/help", "/health", "/nowhere"):
        answer = client.get(address, **there)
        held(answer, https=True)
        given += answer.headers.getlist("Set-Cookie")
    answer = client.post("/leave", **there)
    held(answer, https=True)
    given += answer.headers.getlist("Set-Cookie")
    assert len(given) >= 3 and any("Max-Age=0" in cookie for cookie in given)
    database.disconnect()


def refusals(app, browser, monkeypatch) -> dict[int, object]:
    """One answer of each kind of refusal, caused as a person or an attacker would."""
    client = browser.client
    found = {
        400: client.post("/sign-in", data={}),
        404: client.get("/nowhere"),
        405: client.post("/now"),
        413: client.post("/sign-in", data={"x": "y" * 600_000}),
    }
    browser.get("/sign-in")
    found[422] = client.post("/sign-in", data={"csrf_token": browser.csrf_token()})

    def broken(*_):
        raise RuntimeError

    monkeypatch.setattr(own_views.queries, "today", broken)
    found[500] = client.get("/today")
    for status in (403, 409, 429, 503):
        with app.test_request_context("/now"):
            page, _ = errors.error_page(status)
            found[status] = app.process_response(app.make_response((page, status)))
    return found


def test_every_kind_of_refusal_has_them(app, travel, monkeypatch):
    house, browser = demo_house.load(), PageClient(app)
    house.woman(browser, "Blue Heron 42")
    found = refusals(app, browser, monkeypatch)
    for status, answer in found.items():
        assert answer.status_code == status or status == 422, f"{status}: {answer.status_code}"
        held(answer)
        assert answer.headers["Cache-Control"] == "no-store"
    assert set(found) == {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}
