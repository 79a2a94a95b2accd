"""A secret that is shown once: sealed in the cookie, gone after one look, bound to its session."""

from flask import Flask, session

from portal.core import crypto
from portal.core.crypto import Keyring
from portal.web import shown_once


def app() -> Flask:
    crypto.use(Keyring((b"k" * 32,), b"i" * 32))
    made = Flask(__name__)
    made.secret_key = "made up"
    return made


def test_it_is_given_once():
    with app().test_request_context():
        shown_once.keep("code", code="12345678")
        assert shown_once.take("code") == {"code": "12345678"}
        assert shown_once.take("code") is None


def test_the_cookie_does_not_show_it():
    with app().test_request_context():
        shown_once.keep("code", code="12345678")
        assert "12345678" not in str(dict(session))


def test_another_session_cannot_open_it():
    with app().test_request_context():
        session["t"] = "one"
        shown_once.keep("code", code="12345678")
        session["t"] = "other"
        assert shown_once.take("code") is None


def test_it_lives_five_minutes(monkeypatch):
    from datetime import timedelta

    from portal.core import clock

    with app().test_request_context():
        shown_once.keep("code", code="12345678")
        later = clock.real_now() + timedelta(minutes=5)
        monkeypatch.setattr(clock, "real_now", lambda: later)
        assert shown_once.take("code") is None
