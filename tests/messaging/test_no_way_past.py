"""No record, hour, state of the world or words get a text past a rule: the whole way from the outbox."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from portal.clients.models import Client, OptOut, SafeContact
from portal.core import crypto
from portal.core.banned import TEXT_ONLY_WORDS
from portal.core.database import session, unit_of_work
from portal.core.settings import BANNED_WORDS
from portal.messaging import registry, sender
from portal.messaging.models import IncomingText, Text
from portal.messaging.rules import words_for_texts
from portal.staff.models import Staff
from tests.support import make

NUMBER = "+447700900123"
INDEX = "phone"
WORDS = words_for_texts(BANNED_WORDS, "My Week")
START = datetime(2026, 10, 20, tzinfo=UTC)

INSTANTS = st.integers(0, 14 * 24 * 12).map(lambda fives: START + timedelta(minutes=5 * fives))
NEVER_OR_AN_INSTANT = st.one_of(st.none(), st.none(), INSTANTS)
SAYINGS = st.sampled_from(
    ["hello", "see you soon", "police", "REFUGE", "your partner", "MARAC", "www.example.org", "N1 9GU", "Jo", "محكمة",
     "My Week", "it’s fine", "🙂", "Łódź", "x" * 90]
)  # fmt: skip
TEXTS = st.lists(SAYINGS, min_size=1, max_size=3).map(" ".join)
KINDS = st.sampled_from(["appointment_reminder", "appointment_booked", "auto_reply", "test", "written", "nobody_knows"])
TIMES = st.sampled_from(["00:00", "01:30", "09:00", "12:00", "18:00", "23:59"])
WINDOWS = st.builds(lambda day, a, b: {"day": day, "from": min(a, b), "to": max(a, b)}, st.integers(0, 6), TIMES, TIMES)
ALL_DAY = [{"day": day, "from": "00:00", "to": "23:59"} for day in range(7)]
MOSTLY, RARELY = st.sampled_from([True] * 9 + [False]), st.sampled_from([False] * 9 + [True])
RECORDS = st.fixed_dictionaries(
    {
        "may_text": MOSTLY,
        "number": MOSTLY.map(lambda known: NUMBER if known else None),
        "proved_at": MOSTLY.map(lambda proved: START if proved else None),
        "sign_at": st.sampled_from([START] * 8 + [START - timedelta(days=50), None]),
        "stopped_at": RARELY.map(lambda stopped: START if stopped else None),
        "pause_until": st.one_of(st.none(), st.none(), INSTANTS),
        "safe_hours": st.one_of(st.lists(WINDOWS, max_size=5), *[st.just(ALL_DAY)] * 3),
        "check_again_on": st.dates(date(2026, 10, 30), date(2027, 1, 1)),
        "wording": st.sampled_from(["plain", "short", "cover"]),
        "cover_phrase": st.none() | SAYINGS.map(lambda said: said[:20]),
        "names_worker": st.booleans(),
        "may_reply": st.booleans(),
        "text_language": st.sampled_from(["en", "ar", "pl"]),
    }
)


class Undone(Exception):
    """Ends a unit of work without keeping anything of it."""


@pytest.fixture
def client(app, travel):
    client = make.client(make.staff("keyworker", make.centre(), first_name="Jo"))
    facts = {"starts_at": make.london(date(2026, 11, 11), "12:30"), "worker": "Jo"}
    kinds = dict(registry._kinds)
    for kind in ("appointment_reminder", "appointment_booked"):
        registry.register(kind, facts=lambda subject_id: facts, offers_replies=True)
    yield client
    registry._kinds.update(kinds)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, KINDS, TEXTS, INSTANTS, MOSTLY, RARELY, RARELY, NEVER_OR_AN_INSTANT)
def test_no_random_record_time_and_words_get_past_a_rule(
    client, record, kind, body, now, open_record, opted_out, unread, not_after_at
):  # R18, R19, R20, R21, R22, R47
    with pytest.raises(Undone), unit_of_work():
        _world(client, record, kind, body, now, open_record, opted_out, unread, not_after_at)
        claim = sender.claim_next("w", per_second=1000, words=WORDS, now=now, real_now=now)
        event("may leave" if isinstance(claim, sender.Claim) else "may not")
        if isinstance(claim, sender.Claim):
            assert open_record and not opted_out and not unread
            assert not_after_at is None or now < not_after_at
            _may_be_texted(record, kind, now)
            _tells_nothing(record, kind, claim.body)
        raise Undone


def _world(client, record, kind, body, now, open_record, opted_out, unread, not_after_at):
    index = crypto.keyring().index(INDEX, NUMBER)
    row = session.get_one(Client, client.id)
    row.state = "open" if open_record else "closed"
    keyworker = session.get_one(Staff, client.keyworker_id)
    session.add(
        SafeContact(
            client_id=client.id, version=1, number_index=index if record["number"] else None, whose_phone="own",
            voice_language="en", may_ring=False, may_leave_message=False, may_say_who=False, asked_by=keyworker.id,
            asked_on=START.date(), recorded_at=START, **record,
        )
    )  # fmt: skip
    written = {"body": body, "written_by": keyworker.id} if kind == "written" else {}
    session.add(
        Text(client_id=client.id, kind=kind, once="x", state="waiting", send_at=now, wanted_at=START,
             not_after_at=not_after_at, subject="appointment:1", **written)
    )  # fmt: skip
    if opted_out:
        session.add(OptOut(number_index=index, opted_out_at=START))
    if unread:
        session.add(IncomingText(gateway_sid="SM1", number=NUMBER, number_index=index, body="?", received_at=START))
    session.flush()


def _may_be_texted(record, kind, now):
    local = now.astimezone(ZoneInfo("Europe/London"))
    assert record["may_text"] and record["number"] and record["stopped_at"] is None
    if kind != "test":
        assert record["proved_at"] is not None
        assert record["sign_at"] is not None and now < record["sign_at"] + timedelta(days=60)
    assert local.date() < record["check_again_on"]
    assert record["pause_until"] is None or record["pause_until"] <= now
    wall = f"{local:%H:%M}"
    inside = [hours["from"] <= wall < hours["to"] for hours in record["safe_hours"] if hours["day"] == local.weekday()]
    assert any(inside)


def _tells_nothing(record, kind, body):
    assert kind != "nobody_knows"
    for word in (*BANNED_WORDS, *TEXT_ONLY_WORDS, "my week"):
        assert not re.search(rf"\b{re.escape(word)}\b", body.casefold()), word
    assert "www." not in body and "N1 9GU" not in body and "محكمة" not in body
    if not record["names_worker"] and "Jo" not in (record["cover_phrase"] or ""):
        assert not re.search(r"\bJo\b", body)
    if kind != "written":
        assert len(body) <= (160 if body.isascii() else 134)
        assert record["may_reply"] or "Reply" not in body
