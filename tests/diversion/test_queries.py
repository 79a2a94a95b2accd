"""The one report, from real records."""

import json
from datetime import timedelta

from portal.clients.models import Client
from portal.core.database import session, unit_of_work
from portal.diversion.queries import report_for
from portal.plan.models import RiskNote
from tests.diversion import referrals
from tests.support import make


def test_attendance_counts_itself_and_only_what_she_came_to(app, travel):
    client, other = make.client(), make.client()
    kind, now = make.kind(), travel.now
    referrals.referral(client)
    referrals.came(client, kind, now - timedelta(days=60))
    referrals.came(client, kind, now - timedelta(days=14))
    referrals.came(client, kind, now - timedelta(days=10), "no")
    referrals.came(client, kind, now - timedelta(days=9), "")
    referrals.came(client, kind, now - timedelta(days=8), state="cancelled")
    referrals.came(other, kind, now - timedelta(days=8))
    referrals.came(client, make.kind(counts=False), now - timedelta(days=6))
    referrals.came(client, kind, now + timedelta(days=1))
    (told,) = report_for(client, now)["reports"]
    assert told == {
        "reference": "REF-7",
        "condition": "appointments",
        "needed": 2,
        "attended": 1,
        "attended_dates": ["2026-11-17"],
        "status": "under_way",
        "reason_class": "",
    }
    referrals.came(client, kind, now - timedelta(days=1), "late")
    (told,) = report_for(client, now)["reports"]
    assert (told["attended_dates"], told["status"]) == (["2026-11-17", "2026-11-30"], "met")


def test_what_she_comes_to_beyond_the_condition_is_not_told(app, travel):  # R31
    client, kind = make.client(), make.kind()
    referrals.referral(client, needed=1)
    for days in (3, 2, 1):
        referrals.came(client, kind, travel.now - timedelta(days=days))
    (told,) = report_for(client, travel.now)["reports"]
    assert told["attended_dates"] == ["2026-11-28"]


def test_where_family_reported_her_counts_alone_are_told(app, travel):  # R45
    client, kind = make.client(), make.kind()
    referrals.referral(client, reporter_is_family=True)
    referrals.came(client, kind, travel.now - timedelta(days=3))
    (told,) = report_for(client, travel.now)["reports"]
    assert (told["attended"], told["attended_dates"]) == (1, [])
    assert "2026-" not in json.dumps(told)


def test_only_missed_sessions_never_make_a_report_that_she_did_not_meet_it(app, travel):  # R31
    client, kind = make.client(), make.kind()
    referrals.referral(client, due_on=(travel.now - timedelta(days=1)).date())
    for days in (9, 6, 3):
        referrals.came(client, kind, travel.now - timedelta(days=days), "no")
    (told,) = report_for(client, travel.now)["reports"]
    assert (told["status"], told["reason_class"], told["attended"]) == ("under_way", "", 0)


def test_the_report_never_holds_what_is_not_in_its_fixed_fields(app, travel):  # R31
    client = make.client(called_name="Marigold", code_name="Thistle Down 71", preparation={"access": "quillfeather"})
    record = make.safe_contact(client, cover_phrase="dentist")
    referrals.referral(client)
    referrals.came(client, make.kind("Wrenbury"), travel.now - timedelta(days=2))
    with unit_of_work():
        session.add(RiskNote(client_id=client.id, note="harrowmere", noted_by=client.keyworker_id, noted_at=travel.now))
    told = json.dumps(report_for(session.get_one(Client, client.id), travel.now))
    secrets = ("Marigold", "Thistle", "quillfeather", "dentist", "harrowmere", "lanternwick", referrals.OFFENCE)
    assert not [secret for secret in (*secrets, "Wrenbury", record.number, "police", "Jo") if secret in told]


def test_a_woman_without_a_referral_has_an_empty_report(app, travel):
    assert report_for(make.client(), travel.now) == {"reports": []}
