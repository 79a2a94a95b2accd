"""Headers of every kind of answer: nothing stored, framed, sniffed or foreign (R8, R11, R39)."""

import pytest

from portal.app import create_app
from portal.core import database
from portal.core.settings import Settings
from portal.home import own_views
from tests.core.test_settings import PRODUCTION
from tests.support import make, sign_in

KINDS = {
    "front": "/", "emergency": "/now", "directory": "/help", "page": "/sign-in", "not found": "/nothing-here",
    "redirect": "/today", "leaving": "/leave", "static": "/static/css/site.css", "no such static": "/static/none.css",
    "health": "/health", "not ready": "/ready", "no metrics": "/metrics", "robots": "/robots.txt",
    "staff": "/staff/sign-in", "staff not found": "/staff/nothing", "demo": "/demo/phone", "odd": "/%ff%fe",
}  # fmt: skip


def holds_r39(headers) -> None:
    policy = headers["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert policy.startswith("default-src 'none';")
    assert parts["frame-ancestors"] == "'none'" and parts["base-uri"] == "'none'"
    assert "unsafe" not in policy and "*" not in policy and "data:" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=()" in headers["Permissions-Policy"] and "camera=()" in headers["Permissions-Policy"]
    assert "Referrer-Policy" in headers
    if not headers.get("Content-Type", "").startswith(("text/css", "text/javascript")):
        assert all(parts[name] == "'self'" for name in ("style-src", "script-src", "connect-src"))
        assert "img-src" not in parts, "a page that may show a picture asks for an icon: one request more"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert len(headers.getlist("Content-Security-Policy")) == 1
    assert "Server" not in headers and "X-Powered-By" not in headers


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_has_every_header(app, kind):  # R39
    answer = app.test_client().get(KINDS[kind])
    holds_r39(answer.headers)
    assert answer.headers["Referrer-Policy"] == ("no-referrer" if kind == "leaving" else "same-origin")
    assert "Strict-Transport-Security" not in answer.headers, "only over HTTPS"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "static"])
def test_nothing_but_static_files_may_be_stored(app, kind):  # R8
    answer = app.test_client().get(KINDS[kind])
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize("method", ["post", "put", "delete", "options", "head", "patch"])
def test_every_method_is_answered_with_them(app, method):
    holds_r39(getattr(app.test_client(), method)("/now").headers)


@pytest.mark.parametrize(("data", "status"), [({}, 400), ({"x": "y" * 600_000}, 413)])
def test_refused_forms_have_them(app, data, status):
    answer = app.test_client().post("/sign-in", data=data)
    assert answer.status_code == status
    holds_r39(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_fault_of_ours_has_them(page_client, travel, monkeypatch):
    sign_in.as_client(page_client, make.client())

    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr(own_views.queries, "today", broken)
    page = page_client.get("/today")
    assert page.status == 500
    holds_r39(page.headers)
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/today", "/plan", "/appointments", "/me", "/messages"])
def test_her_pages_have_them(page_client, travel, address):
    sign_in.as_client(page_client, make.client())
    page = page_client.get(address)
    holds_r39(page.headers)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("address", ["/", "/now", "/help"])
def test_front_and_help_may_be_found(app, address):  # R11
    assert "X-Robots-Tag" not in app.test_client().get(address).headers


@pytest.mark.parametrize(
    "address", ["/sign-in", "/today", "/leave", "/staff/sign-in", "/privacy", "/health", "/nowhere"]
)
def test_nothing_else_may_be_found(app, address):  # R11
    assert app.test_client().get(address).headers["X-Robots-Tag"] == "noindex"


@pytest.fixture
def over_https(environ):
    yield create_app(Settings.from_env({**PRODUCTION, **environ}))
    database.disconnect()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "demo"])
def test_over_https_every_answer_asks_to_stay_there(over_https, kind):  # R39
    answer = over_https.test_client().get(KINDS[kind], base_url="https://week.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    holds_r39(answer.headers)


def test_leaving_through_a_form_is_not_held_back(environ):
    """Browsers hold the redirect of a form against form-action."""
    app = create_app(Settings.from_env(environ | {"PORTAL_LEAVE_URL": "https://news.example.org/page?x=1"}))
    policy = app.test_client().get("/now").headers["Content-Security-Policy"]
    assert "form-action 'self' https://news.example.org;" in policy
    database.disconnect()
