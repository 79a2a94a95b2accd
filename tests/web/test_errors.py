"""Error pages: the right status, Leave, 999, the 55 rule, a link to help, and no more (R49)."""

import pytest
from flask import abort
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import default_exceptions

from portal.home import own_views
from tests.support import make, sign_in


def holds_r49(page) -> None:
    assert "999" in page.text and "55" in page.text
    assert "/help" in page.links().values()
    assert "/leave" in page.links().values()
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("address", ["/nothing-here", "/appointments/999999", "/help/999999", "/%ff%fe"])
def test_what_is_not_there_is_404_in_plain_words(page_client, travel, address):  # R49
    sign_in.as_client(page_client, make.client())
    page = page_client.get(address)
    assert page.status == 404
    holds_r49(page)


def test_a_missing_picture_or_sheet_is_kept_by_nobody(page_client):  # R8
    page = page_client.get("/static/css/nothing-here.css")
    assert page.status == 404
    assert page.headers["Cache-Control"] == "no-store"
    assert "ETag" not in page.headers and "Last-Modified" not in page.headers


def test_a_wrong_method_is_405_with_the_ones_allowed(page_client):
    page = page_client.post("/now")
    assert page.status == 405
    assert "GET" in page.headers["Allow"]


def test_a_bad_csrf_token_in_a_live_session_is_400(page_client, travel):
    sign_in.as_client(page_client, make.client())
    for token in ("", "forged", None):
        page = page_client.post("/sign-out", {} if token is None else {"csrf_token": token}, csrf=token is not None)
        assert page.status == 400
        holds_r49(page)
    assert page_client.get("/today").status == 200


def test_too_large_a_form_is_413(page_client):
    page_client.get("/sign-in")
    page = page_client.post("/sign-in", {"code_name": "x" * 600_000})
    assert page.status == 413
    holds_r49(page)


def test_a_fault_is_500_and_says_nothing_of_itself(page_client, travel, monkeypatch, caplog):  # R10
    sign_in.as_client(page_client, make.client())

    def broken(*args):
        raise RuntimeError("her-own-words-in-a-traceback")

    monkeypatch.setattr(own_views.queries, "today", broken)
    page = page_client.get("/today")
    assert page.status == 500
    holds_r49(page)
    assert "her-own-words-in-a-traceback" not in page.html + caplog.text


def test_a_locked_database_is_503_and_asks_to_try_again(page_client, travel, monkeypatch):
    sign_in.as_client(page_client, make.client())

    def locked(*args):
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(own_views.queries, "today", locked)
    page = page_client.get("/today")
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    holds_r49(page)


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_every_error_lets_her_out(app, page_client, status):  # R1 R49
    app.add_url_rule("/broken", view_func=lambda: abort(status))
    page = page_client.get("/broken")
    assert page.status == status
    holds_r49(page)
