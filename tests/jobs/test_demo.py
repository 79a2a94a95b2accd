"""The demo data: the contract's shape to the letter, loaded once, sealed on the disk, and nobody real."""

import json
import re
import shutil
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import inspect

from portal.accounts import queries as accounts
from portal.accounts import secrets
from portal.app import create_app
from portal.booking.desk_models import DropIns, HitByClosing, WalkIn
from portal.booking.models import Appointment, Outcome, PracticalHelp
from portal.centres.models import Centre
from portal.centres.queries import bank_holidays_from
from portal.clients.models import Client, SafeContact
from portal.clients.queries import client_by_code_name
from portal.core import clock, database
from portal.core.banned import LISTED_FOR_TEXTS, banned_in
from portal.core.database import EncryptedText, engine, session
from portal.core.locales import LANGUAGES
from portal.core.settings import BANNED_WORDS, Settings
from portal.diversion.models import Referral
from portal.groups.models import GroupSession
from portal.jobs.demo_people import BRING, KINDS
from portal.messaging.models import PortalMessage
from portal.plan.models import Action, Goal, OwnWords, Plan, RiskNote
from portal.staff.models import Staff

DRAMA_MOBILE = re.compile(r"\+447700900\d{3}")
DRAMA_LONDON = re.compile(r"020 7946 0\d{3}")


@pytest.fixture
def load(app, travel):
    """Loads the demo as an operator does; gives what was printed."""

    def load() -> str:
        session.remove()
        done = app.test_cli_runner().invoke(args=["demo", "load", "--json"])
        assert done.exit_code == 0, done.output
        return done.output

    return load


@pytest.fixture(scope="module")
def loaded_once(empty_database, tmp_path_factory):
    """A database with the demo of Tuesday 1 December 2026, 10:00; hashing its passcodes takes seconds."""
    file = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("demo") / "portal.db"))
    environ = {"PORTAL_DATABASE_URL": f"sqlite:///{file}", "PORTAL_NOW": "2026-12-01T10:00:00+00:00"}
    app = create_app(Settings.from_env(environ))
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert done.exit_code == 0, done.output
    database.disconnect()
    clock.shift(clock.NO_SHIFT)
    return file


@pytest.fixture
def demo(loaded_once, environ, tmp_path, travel, request):
    """The demo's JSON, on a copy of the loaded database."""
    shutil.copy(loaded_once, tmp_path / "portal.db")
    request.getfixturevalue("app")
    return json.loads(request.getfixturevalue("load")())


def test_the_json_has_the_contracts_shape_to_the_letter(demo):
    assert set(demo) == {"clients", "staff", "centres", "kinds", "markers"}
    for client in demo["clients"]:
        assert set(client) == {"id", "code_name", "passcode", "phone", "language", "safe_contact", "safe_hours",
                               "wording", "keyworker"}  # fmt: skip
        assert client["safe_contact"] in ("live", "expired", "none")
        assert client["wording"] in ("plain", "short", "cover")
        assert client["language"] in LANGUAGES
        for window in client["safe_hours"]:
            assert set(window) == {"day", "from", "to"} and 0 <= window["day"] <= 6
            assert re.fullmatch(r"\d\d:\d\d", window["from"]) and window["from"] < window["to"]
        assert client["keyworker"] in {person["email"] for person in demo["staff"] if person["role"] == "keyworker"}
    for person in demo["staff"]:
        assert set(person) == {"id", "email", "password", "totp_secret", "role", "centres"}
        assert set(person["centres"]) <= {centre["id"] for centre in demo["centres"]}
    for centre in demo["centres"]:
        assert set(centre) == {"id", "name", "borough"}
    for kind in demo["kinds"]:
        assert set(kind) == {"id", "name", "minutes", "group"} and type(kind["group"]) is bool
    assert set(demo["markers"]) == {str(client["id"]) for client in demo["clients"]}
    for markers in demo["markers"].values():
        assert set(markers) == {"name", "plan", "message", "risk", "offence"}


def test_there_is_as_much_as_the_contract_asks_for(demo):
    assert len(demo["clients"]) >= 12
    languages = {client["language"] for client in demo["clients"]}
    assert len(languages) >= 6 and "ar" in languages
    assert sorted(centre["borough"] for centre in demo["centres"]) == ["Camden", "Islington", "Lambeth", "Southwark"]
    for centre in demo["centres"]:
        here = Counter(person["role"] for person in demo["staff"] if person["centres"] == [centre["id"]])
        assert here["keyworker"] >= 2 and here["receptionist"] >= 1, centre
    assert {"manager", "admin", "referrer"} <= {person["role"] for person in demo["staff"]}
    assert {client["safe_contact"] for client in demo["clients"]} == {"live", "expired", "none"}
    assert {client["wording"] for client in demo["clients"]} == {"plain", "short", "cover"}
    assert any(kind["group"] for kind in demo["kinds"])


def test_plans_stand_in_every_state_and_somebody_has_none(demo):
    states = {plan.state for plan in session.query(Plan)}
    assert states == {"draft", "shared", "agreed", "under_review", "closed"}
    assert session.query(Plan).count() < len(demo["clients"])


def test_appointments_are_past_and_coming_on_every_open_day_at_every_centre(demo, travel):
    today = clock.london_today(travel.now)
    booked = {(one.centre_id, clock.london_today(one.starts_at)) for one in session.query(Appointment)}
    for centre in session.query(Centre):
        for offset in range(-14, 22):
            on = today + timedelta(days=offset)
            assert ((centre.id, on) in booked) == (on.weekday() < 5 and on not in bank_holidays_from(on)), on
    for one in session.query(Appointment):
        assert bool(one.attendance) == (one.ends_at < travel.now)


def test_nobody_is_in_two_places_at_once(demo):
    """A group session is one use of its worker and room, however many women come."""
    for resource in ("client_id", "worker_id", "room_id"):
        taken: dict[int, list] = {}
        alone = session.query(Appointment).filter(Appointment.session_id.is_(None))
        for one in session.query(Appointment) if resource == "client_id" else [*alone, *session.query(GroupSession)]:
            taken.setdefault(getattr(one, resource), []).append((one.starts_at, one.ends_at))
        for spans in taken.values():
            spans.sort()
            assert all(first[1] <= then[0] for first, then in pairwise(spans))


def test_a_second_load_changes_nothing_and_prints_the_same(load, travel):
    first = load()
    counts = {model: session.query(model).count() for model in (Client, Staff, Appointment, Plan, PortalMessage)}
    travel.forward(days=3)
    assert load() == first
    assert counts == {model: session.query(model).count() for model in counts}


def test_everybody_can_sign_in_with_what_is_printed(demo, travel):
    for client in demo["clients"]:
        row = client_by_code_name(client["code_name"])
        assert row.id == client["id"]
        assert secrets.verify_secret("passcode", client["passcode"], accounts.passcode_hash(row.id))
        assert re.fullmatch(r"\d{6}", client["passcode"])
    for person in demo["staff"]:
        row = accounts.staff_by_email(person["email"])
        credential = accounts.credential(row.id)
        assert row.id == person["id"] and row.role == person["role"]
        assert secrets.verify_secret("password", person["password"], credential.password_hash)
        assert pyotp.TOTP(person["totp_secret"]).secret == credential.totp_secret


def test_safe_contact_is_as_printed(demo, travel):
    today = clock.london_today(travel.now)
    for client in demo["clients"]:
        record = session.query(SafeContact).filter_by(client_id=client["id"]).one_or_none()
        if client["safe_contact"] == "none":
            assert record is None and client["safe_hours"] == []
            continue
        assert (record.number, record.wording) == (client["phone"], client["wording"])
        assert record.safe_hours == client["safe_hours"]
        assert (record.check_again_on > today) is (client["safe_contact"] == "live")
        assert record.proved_at is not None and record.cover_phrase if record.wording == "cover" else True


def test_markers_stand_in_that_womans_records_and_nobody_elses(demo):
    everybody = [marker for markers in demo["markers"].values() for kind in markers.values() for marker in kind]
    assert len(everybody) == len(set(everybody)) and min(map(len, everybody)) >= 6
    for number, markers in demo["markers"].items():
        client = session.get_one(Client, int(number))
        has = {
            "name": client.called_name,
            "plan": " ".join(
                [goal.her_words or "" for goal in _hers(Goal, client)] + [row.what for row in _hers(Action, client)]
                + [row.words for row in _hers(OwnWords, client)]
            ),
            "message": " ".join(row.body for row in _hers(PortalMessage, client)),
            "risk": " ".join(row.note for row in _hers(RiskNote, client)),
            "offence": " ".join(row.offence_group or "" for row in _hers(Referral, client)),
        }  # fmt: skip
        for kind, expected in markers.items():
            for marker in expected:
                assert marker in has[kind], f"{marker} is not in her {kind}"
        foreign = set(everybody) - {marker for kind in markers.values() for marker in kind}
        assert not [marker for marker in foreign if marker in " ".join(has.values())]


def _hers(model, client) -> list:
    return session.query(model).filter_by(client_id=client.id).all()


def test_nothing_secret_stands_in_the_raw_file_or_its_journal(demo, tmp_path):  # R32
    with engine().connect() as connection:
        raw = b"".join(path.read_bytes() for path in tmp_path.glob("portal.db*"))
        connection.rollback()
    secret = [marker for markers in demo["markers"].values() for kind in markers.values() for marker in kind]
    secret += [value for client in demo["clients"] for value in (client["code_name"], client["phone"])]
    secret += [client["phone"].removeprefix("+44") for client in demo["clients"]]
    secret += [value for one in demo["staff"] for value in (one["email"], one["password"], one["totp_secret"])]
    assert b"Example House" in raw, "centres are public, so the search does find what is there"
    assert [value for value in secret if value.encode() in raw] == []


def test_every_number_is_from_the_ranges_for_drama(demo):  # R40
    assert all(DRAMA_MOBILE.fullmatch(client["phone"]) for client in demo["clients"])
    assert all(DRAMA_MOBILE.fullmatch(record.number) for record in session.query(SafeContact))
    assert all(DRAMA_LONDON.fullmatch(centre.phone) for centre in session.query(Centre))
    assert len({centre.phone for centre in session.query(Centre)}) == session.query(Centre).count()


def test_every_address_is_one_that_nobody_can_receive(demo):  # R40
    assert all(person["email"].endswith("@example.org") for person in demo["staff"])


def test_every_sealed_value_of_the_demo_opens(demo):
    from portal.privacy.service import sealed_models

    for model in sealed_models():
        fields = [name for name, value in vars(model).items() if isinstance(value, EncryptedText)]
        for row in session.query(model):
            for field in fields:
                getattr(row, field)
            assert inspect(row).persistent


@pytest.mark.parametrize("wall_time", ["2026-10-25 01:30", "2027-03-28 03:00", "2026-12-05 12:00", "2028-02-29 23:59"])
def test_it_loads_on_whatever_day(load, travel, wall_time):
    travel.to(wall_time)
    assert len(json.loads(load())["clients"]) >= 12


def test_the_printed_code_opens_the_second_step(demo, app):
    runner = app.test_cli_runner()
    done = runner.invoke(args=["demo", "code", demo["staff"][0]["email"]])
    assert pyotp.TOTP(demo["staff"][0]["totp_secret"]).verify(done.output.strip(), valid_window=1)
    assert runner.invoke(args=["demo", "code", "nobody@example.org"]).exit_code == 1


def test_every_desk_has_a_queue_a_tally_and_something_to_prepare(demo):
    centres = {centre["id"] for centre in demo["centres"]}
    waiting = Counter(walk_in.centre_id for walk_in in session.query(WalkIn).filter_by(state="waiting"))
    assert set(waiting) == centres and max(waiting.values()) == 2
    assert {tally.centre_id for tally in session.query(DropIns)} == centres
    help_at = {one.centre_id for one in session.query(Appointment).join(PracticalHelp)}
    assert help_at == centres


def test_an_interpreter_is_needed_only_where_the_worker_does_not_speak_her_language(demo):
    rows = (
        session.query(PracticalHelp, Client, Staff)
        .select_from(PracticalHelp)
        .join(Appointment, Appointment.id == PracticalHelp.appointment_id)
    )
    rows = rows.join(Client, Client.id == Appointment.client_id).join(Staff, Staff.id == Appointment.worker_id)
    found = [(one.interpreter, client.language in worker.languages) for one, client, worker in rows]
    assert {"needed" if not speaks else "" for _, speaks in found} == {"", "needed"}, "the demo shows both"
    assert all((interpreter == "needed") != speaks for interpreter, speaks in found)


def test_a_closed_day_has_somebody_still_to_tell_and_missed_appointments_have_a_reason_in_time(demo):
    hit = session.query(HitByClosing).one()
    assert hit.new_appointment_id is None and session.get_one(Appointment, hit.appointment_id).stands
    missed = session.query(Appointment).filter_by(attendance="no").all()
    with_outcome = {outcome.appointment_id for outcome in session.query(Outcome)}
    assert {one.id for one in missed} > with_outcome > set()


@pytest.mark.parametrize("now", ["2026-12-20 10:00", "2027-03-20 10:00", "2031-12-20 10:00"])
def test_on_bank_holidays_nobody_is_booked_and_on_every_other_weekday_somebody_is(app, travel, load, now):
    """Also where the list that comes with the database has ended: loading fills it first."""
    today = clock.london_today(travel.to(now))
    load()
    booked = {clock.london_today(one.starts_at) for one in session.query(Appointment)}
    holidays = bank_holidays_from(today)
    assert holidays & {today + timedelta(days=offset) for offset in range(22)}
    for offset in range(22):
        on = today + timedelta(days=offset)
        assert (on in booked) == (on.weekday() < 5 and on not in holidays), on


def test_every_kind_has_a_neutral_name_in_every_language_and_so_has_what_to_bring():  # R7
    for words in [*(names for names, _, _ in KINDS), *BRING.values()]:
        assert set(words) == set(LANGUAGES)
        assert len(set(words.values())) == len(words), "no name is left in another language"
        for said in words.values():
            assert banned_in(said, (*BANNED_WORDS, *LISTED_FOR_TEXTS)) == []
