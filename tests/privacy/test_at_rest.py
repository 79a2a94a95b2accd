"""Nothing that somebody typed, and no name or number, can be read where it lies: file, journal, queue, log, backup."""

import json
import secrets
import sqlite3
import time
from contextlib import closing
from urllib.parse import quote_plus

import pytest

from portal.core.settings import made_up_key
from tests.load.wire import Wire
from tests.support import live

TYPED = [f"zephyrine{number}quill" for number in range(40)]
"""Words that are typed somewhere below, each in its own place."""


SETTINGS = {"PORTAL_LOG_LEVEL": "debug", "PORTAL_NOW": "2026-12-01T10:00:00+00:00"}
"""A talkative log, and a time of day at which texts leave."""


def seeded(demo: dict) -> list[str]:
    """What must be nowhere: what stands in the women's records, who they and the staff are, what is typed, keys."""
    markers = {word for kinds in demo["markers"].values() for words in kinds.values() for word in words}
    hers = {word for client in demo["clients"] for word in (client["code_name"], client["phone"], client["phone"][3:])}
    staffs = {word for one in demo["staff"] for word in (one["email"], one["password"], one["totp_secret"])}
    keys = {made_up_key(f"PORTAL_{name}") for name in ("FIELD_KEYS", "INDEX_KEY", "BACKUP_KEY")}
    asked = {"7700900777", "07700 900777"}
    return sorted(markers | hers | staffs | keys | set(TYPED) | asked)


def used_by_women(portal: live.LivePortal, words: list[str]) -> None:
    """Sign in, write messages, answer texts; type what does not fit; come back after the session has ended."""
    spare = iter(words)
    for woman in portal.demo["clients"][:8]:
        wire = Wire(portal.address)
        wire.sign_in(woman["code_name"], woman["passcode"])
        token = wire.token("/step-up")
        message = {"csrf_token": token, "request_key": secrets.token_hex(16), "body": next(spare)}
        assert wire.post("/messages", message).status == 303
        phone = {"csrf_token": token, "number": woman["phone"], "body": f"Yes {next(spare)}"}
        assert wire.post("/demo/phone", phone).status == 303
        wire.get(f"/help?q={next(spare)}")
        with closing(sqlite3.connect(portal.environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///"))) as file:
            file.execute("UPDATE sessions SET seen_at = '2020-01-01 00:00:00.000000'")
            file.commit()
        kept = wire.post("/messages", {"csrf_token": token, "request_key": secrets.token_hex(16), "body": next(spare)})
        assert kept.status == 303 and b"/sign-in" in kept.head
        wire.close()
    stranger = Wire(portal.address)
    asks = {
        "csrf_token": stranger.token("/refer"), "request_key": secrets.token_hex(16),
        "language": "en", "centre_id": "1",
        "called_name": next(spare), "may_text": "y", "number": "07700 900777", "whose_phone": "own",
        "hours": next(spare), "must_not_know": "somebody", "names": next(spare), "agreed": "y",
    }  # fmt: skip
    assert stranger.post("/refer", asks).status == 303
    for word in spare:
        wrong = {"csrf_token": stranger.token("/sign-in"), "code_name": word, "passcode": word}
        assert stranger.post("/sign-in", wrong).status == 422
        assert stranger.post("/sms/in", {"Body": word, "From": "+447700900999", "MessageSid": word}).status == 403
        stranger.get(f"/staff/set-up/{word}")
    stranger.close()


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """What is written while a real portal with its worker is used: by name; and what must not be in it."""
    folder = tmp_path_factory.mktemp("at-rest")
    log = folder / "log"
    with log.open("wb") as out, live.portal(folder, settings=SETTINGS, output=out) as portal:
        used_by_women(portal, list(TYPED))
        until = time.monotonic() + 60
        while b"text_sent" not in log.read_bytes() and time.monotonic() < until:
            time.sleep(0.2)
        printed = "".join(portal.flask(*command) for command in (
            ("backup", str(folder / "a.backup")), ("audit", "verify"), ("retention", "run"), ("settings", "check"),
        ))  # fmt: skip
        (folder / "printed").write_text(printed)
        found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        hidden = seeded(portal.demo)
        kept = portal.flask("keys", "rotate")
    assert "sealed anew" in kept
    return found, hidden


def test_of_two_hundred_secrets_none_stands_anywhere(places):  # R10, R32
    found, hidden = places
    assert len(hidden) >= 200
    assert {"portal.db", "portal.db-wal", "portal-queue.db", "log", "printed", "a.backup"} <= set(found)
    shown = [
        (name, secret)
        for name, content in found.items()
        for secret in hidden
        for written in {secret, json.dumps(secret)[1:-1], quote_plus(secret)}
        if written.encode() in content
    ]
    assert shown == []


@pytest.mark.parametrize(
    ("name", "known"),
    [("portal.db", b"Example House"), ("portal-queue.db", b"portal"), ("log", b'"event": "text_sent"'),
     ("printed", b"read back"), ("a.backup", b"portal backup 1")],
)  # fmt: skip
def test_the_search_does_find_what_is_there(places, name, known):
    found, _ = places
    assert known in found[name] + found.get(f"{name}-wal", b"")


@pytest.mark.parametrize("table", ["portal_messages", "incoming_texts", "kept_forms", "referrals"])
def test_what_was_typed_did_arrive(places, tmp_path, table):
    """Else the search would prove nothing: the rows are there, sealed."""
    for name in ("portal.db", "portal.db-wal"):
        (tmp_path / name).write_bytes(places[0][name])
    with closing(sqlite3.connect(tmp_path / "portal.db")) as file:
        assert file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] >= 8
