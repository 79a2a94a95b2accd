"""Copies of her data, what goes after its time, and new keys."""

import json
import stat
from base64 import urlsafe_b64encode
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.accounts.device_models import KeptStaffForm
from portal.accounts.models import AttemptCount, KeptForm, SetupCode, SignedIn, TextCode
from portal.app import create_app
from portal.booking.desk_models import WalkIn
from portal.clients import notes
from portal.clients.models import Client
from portal.core import clock, crypto, database
from portal.core.database import Base, EncryptedText, engine, session, unit_of_work
from portal.core.settings import Settings, made_up_key
from portal.jobs import tables
from portal.messaging import service as messaging
from portal.messaging.models import IncomingText, Text
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.models import RiskNote
from portal.plan.review_models import Review, WorkerView
from portal.plan.risk_models import RiskAssessment
from portal.plan.safety_models import SafetyPlan
from portal.privacy import service as privacy
from portal.web.models import RequestKey
from tests.backoffice import booked
from tests.diversion import referrals
from tests.partners import asked
from tests.plan import plans
from tests.support import make

assert tables.ALL
NOT_IN_HER_COPY = {
    "worker_views": "as notes of risk: what a worker thinks is gone through with her by a person",
    "risk_notes": "gone through with her by a person, because a part may put her at risk",
    "risk_assessments": "as those of risk",
    "avoided_workers": "names other people", "session_notes": "as those of risk", "staff_notes": "as those of risk",
    "hit_by_closing": "how a day of ours was closed",
    "restrictions": "names other people", "outside_restrictions": "as restrictions",
    "broken_glass": "shown as who looked", "tasks": "what staff must do", "audit_entries": "shown as who looked",
    "imported_clients": "how her record came here, not what it says",
    "client_passcodes": "a hash", "setup_codes": "a hash", "kept_forms": "30 minutes old at most",
    "text_codes": "a hash, 2 days old at most",
}  # fmt: skip
"""Tables with a client's id whose rows do not go into her copy, and why."""


def a_whole_life(marker: str) -> Client:
    """A woman with a row in every table that is hers, each holding her marker."""
    client = make.client(called_name=f"{marker}name", preparation={"access": f"{marker}access"})
    make.safe_contact(client, who_else_sees=f"{marker}who", cover_phrase=f"{marker}co"[:20],
                      trusted_person=f"{marker}trusted", code_word_hash="$argon2id$hash")  # fmt: skip
    goal = plans.goal(client, her_words=f"{marker}goal")
    plans.action(client, goal, f"{marker}action")
    plans.state(client)
    plans.words(client, f"{marker}words", goal)
    referral = referrals.referral(client, reference=f"{marker}ref")
    referrals.everything(client, referral, f"{marker}")
    booked.appointment(client, make.london(make.monday(), "11:00"), end_reason=f"{marker}why")
    worker = plans.keyworker(client)
    with unit_of_work():
        messaging.write_message(worker, client.id, body=f"{marker}message", request_key=marker, now=clock.now())
        session.add(RiskNote(client_id=client.id, note=f"{marker}risk", noted_by=worker.id, noted_at=clock.now()))
        for number, (others, safe) in enumerate([(False, True), (True, True), (False, False), (True, False)]):
            notes.write(worker, client.id, body=f"{marker}note{number}", is_opinion=bool(number), third_party=others,
                        safe_to_show=safe, now=clock.now())  # fmt: skip
        session.add(
            RiskAssessment(client_id=client.id, kind="dash", done_by=worker.id, done_on=clock.now().date(), score=9,
                           judgement="high", told_her_first=False, why_not=f"{marker}risk why", note=f"{marker}risk",
                           recorded_at=clock.now())
        )  # fmt: skip
        session.add(
            SafetyPlan(client_id=client.id, version=1, parts={"helps": f"{marker}walk"}, language="en",
                       worker_may_read=False, written_by_kind="client", written_by_id=client.id,
                       written_at=clock.now())
        )  # fmt: skip
        session.add(
            IncomingText(gateway_sid=f"SM{marker}", number="+447700900001", number_index="x", body=f"{marker}in",
                         received_at=clock.now(), client_id=client.id)
        )  # fmt: skip
        session.add(
            Text(client_id=client.id, kind="written", once=marker, body=f"{marker}out", state="reached",
                 send_at=clock.now(), wanted_at=clock.now(), facts={"what": f"{marker}facts"})
        )  # fmt: skip
        session.add_all([
            NeedAnswer(client_id=client.id, pathway="money", moment="start", need="some", strength=f"{marker}strength",
                       language="en", position=1, answered_by_kind="client", answered_by_id=client.id,
                       answered_at=clock.now()),
            Rating(client_id=client.id, pathway="money", moment="start", score=2, with_worker=False,
                   rated_at=clock.now()),
            PlanVersion(client_id=client.id, number=2, content={"goals": [f"{marker}version"]}, shared_at=clock.now(),
                        shared_by=worker.id, answer="partly", answer_words=f"{marker}answer", language="en",
                        answered_at=clock.now()),
            Review(client_id=client.id, kind="first", due_on=plans.today(), her_words=f"{marker}review",
                   made_at=clock.now()),
            WorkerView(client_id=client.id, pathway="money", moment="start", need="high", words=f"{marker}view",
                       viewed_by=worker.id, viewed_at=clock.now()),
        ])  # fmt: skip
    asked.sent(client, "what_for", name=f"{marker}firm", what_for=f"{marker}wish")
    return client


@pytest.fixture
def export(app, travel, tmp_path):
    """Runs `flask client export`; gives the path it printed."""

    def export(client) -> Path:
        for row in list(session()):
            session.refresh(row)
        session.remove()
        done = app.test_cli_runner().invoke(args=["client", "export", client.code_name, "--to", str(tmp_path / "out")])
        assert done.exit_code == 0, done.output
        return Path(done.output.strip())

    return export


HERS = ("name", "access", "who", "co", "trusted", "goal", "action", "words", "ref", "why", "message", "in", "out",
        "facts", "note0", "firm", "wish", "strength", "version", "answer", "review", "walk", "told", "to")  # fmt: skip


def test_a_copy_holds_all_that_is_hers_and_nothing_of_anybody_else(export):  # R34
    hers, other = a_whole_life("lantern"), a_whole_life("thistle")
    path = export(hers)
    written = path.read_text(encoding="utf-8")
    assert [word for word in HERS if f"lantern{word}" not in written] == []
    assert "thistle" not in written
    assert hers.code_name in written and other.code_name not in written
    assert "lanternview" not in written, "what a worker thinks is gone through with her by a person"
    assert "lanternrisk" not in written, "what may put her at risk is gone through with her by a person"
    for hidden in ("$argon2", "seal_id", "_index", "_hash", f"SM{'lantern'}", "Jo Example"):
        assert hidden not in written
    parts = {model.__tablename__ for model in privacy.HERS}
    assert set(json.loads(written)) == {"you", "take_care", "notes", *parts}


def test_notes_go_into_her_copy_only_as_they_are_marked_and_the_others_are_counted(export):  # R34
    written = export(a_whole_life("lantern")).read_text(encoding="utf-8")
    content = json.loads(written)
    (shown,) = content["notes"]["shown"]
    assert (shown["words"], shown["is"]) == ("lanternnote0", "fact")
    assert content["notes"]["left_out"] == {"about_somebody_else": 2, "not_marked_as_safe_to_show": 1}
    assert not [number for number in (1, 2, 3) if f"lanternnote{number}" in written]
    assert {"safe_contacts", "goals", "partner_referrals"} <= set(content["take_care"]), "what might harm is marked"
    assert "appointments" not in content["take_care"]


def test_every_table_with_her_id_is_in_her_copy_or_named_with_a_reason():
    with_her = {table.name for table in Base.metadata.sorted_tables if "client_id" in table.columns}
    assert with_her == {model.__tablename__ for model in privacy.HERS} | set(NOT_IN_HER_COPY)


def test_the_file_has_a_neutral_name_and_only_its_owner_reads_it(export):  # R7
    path = export(a_whole_life("lantern"))
    assert path.name == "copy-20261201.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_copy_never_writes_over_a_first(export):
    one, other = a_whole_life("lantern"), a_whole_life("thistle")
    first, second = export(one), export(other)
    assert first != second
    assert "lanternname" in first.read_text(encoding="utf-8")
    assert "thistlename" in second.read_text(encoding="utf-8")


def test_a_copy_is_written_down(export):
    from portal.audit.models import AuditEntry

    client = a_whole_life("lantern")
    export(client)
    session.remove()
    assert session.query(AuditEntry).filter_by(action="copy_made", client_id=client.id).count() == 1


def test_a_name_that_nobody_has_is_said_so(app, tmp_path):
    done = app.test_cli_runner().invoke(args=["client", "export", "Nobody 1", "--to", str(tmp_path)])
    assert done.exit_code == 1 and "no client has this code name" in done.output


@pytest.fixture
def traces(app, travel):
    """One old and one young row of every trace that goes after its time."""
    client = make.client()
    now = travel.now
    with unit_of_work():
        for days in (0, 31):
            at = now - timedelta(days=days)
            session.add_all([
                RequestKey(actor_kind="client", actor_id=client.id, request_key=f"k{days}", made="", claimed_at=at),
                SignedIn(token_index=f"t{days}", actor_kind="client", actor_id=client.id, kind="own", started_at=at,
                         seen_at=at),
                SetupCode(client_id=client.id, code_index=f"c{days}", made_by=client.keyworker_id, made_at=at,
                          expires_at=at),
                KeptForm(client_id=client.id, typed={}, kept_at=at, expires_at=at + timedelta(minutes=30)),
                TextCode(browser_index=f"x{days}", code_name_index="n", asked_at=at, expires_at=at),
                KeptStaffForm(session_id=1, typed={}, expires_at=at + timedelta(minutes=30)),
                AttemptCount(bucket=f"b{days}", started_at=at, failures=1),
                WalkIn(centre_id=client.centre_id, called_name="Rose", came_at=at, noted_by=client.keyworker_id),
            ])  # fmt: skip
    return app


def counts() -> dict[str, int]:
    session.remove()
    return {model.__tablename__: session.query(model).count() for model, _, _ in privacy.KEPT_FOR}


def test_a_dry_run_counts_and_changes_nothing_then_a_run_removes_as_many(traces):  # R33
    before = counts()
    assert set(before.values()) == {2}
    dry = traces.test_cli_runner().invoke(args=["retention", "run", "--dry-run"])
    assert (dry.exit_code, counts()) == (0, before)
    assert {f"{name}: 1" for name in before} <= set(dry.output.splitlines())
    real = traces.test_cli_runner().invoke(args=["retention", "run"])
    assert real.output == dry.output
    assert set(counts().values()) == {1}
    again = traces.test_cli_runner().invoke(args=["retention", "run"])
    assert {line.partition(": ")[2] for line in again.output.splitlines()} == {"0"}


NEW_KEY = urlsafe_b64encode(bytes(range(32))).decode()
OLD_KEY = made_up_key("PORTAL_FIELD_KEYS")


def start(environ, keys: str):
    database.disconnect()
    return create_app(Settings.from_env(environ | {"PORTAL_FIELD_KEYS": keys}))


def rotate(app):
    session.remove()
    return app.test_cli_runner().invoke(args=["keys", "rotate"])


def opened() -> dict[str, list]:
    """Every sealed value of every table, opened."""
    session.remove()
    return {
        f"{model.__tablename__}.{name}": [getattr(row, name) for row in session.query(model)]
        for model in privacy.sealed_models()
        for name, value in vars(model).items()
        if isinstance(value, EncryptedText)
    }


def test_after_rotating_everything_opens_with_the_new_key_alone(either_database, app, environ, travel):  # R32
    for number in range(5):
        a_whole_life(f"lantern{number}")
    before = opened()
    filled = sum(value is not None for values in before.values() for value in values)
    assert filled > 50
    app = start(environ, f"{NEW_KEY},{OLD_KEY}")
    make.client(called_name="sealed with the new key")
    done = rotate(app)
    assert (done.exit_code, done.output) == (0, f"{filled} values sealed anew\n")
    assert rotate(app).output == "0 values sealed anew\n"
    start(environ, NEW_KEY)
    after = opened()
    for column, values in before.items():
        assert Counter(map(json.dumps, values)) <= Counter(map(json.dumps, after[column])), column


def test_it_works_in_batches_each_row_read_once(app, environ, travel, monkeypatch):
    for _ in range(7):
        make.client()
    start(environ, f"{NEW_KEY},{OLD_KEY}")
    done, last, looks = 0, 0, []
    while last is not None and len(looks) < 10:
        with unit_of_work():
            number, last = privacy.reseal(Client, last, limit=3)
        done += number
        looks.append(last)
    assert (done, len(looks)) == (14, 4), "code name and name of seven women, in three batches and an empty one"


def test_half_way_through_both_keys_open(app, environ, travel):
    women = [make.client(called_name=f"Rose {number}") for number in range(4)]
    start(environ, f"{NEW_KEY},{OLD_KEY}")
    with unit_of_work():
        privacy.reseal(Client, 0, limit=2)
    session.remove()
    assert [session.get_one(Client, woman.id).called_name for woman in women] == [f"Rose {n}" for n in range(4)]
    with engine().connect() as connection:
        kept = {bytes(row[0])[:4] for row in connection.execute(text("SELECT called_name FROM clients"))}
    assert len(kept) == 2


def test_a_value_whose_key_is_gone_is_named_and_nothing_is_lost(app, environ, travel):
    make.client(called_name="Rose")
    done = rotate(start(environ, NEW_KEY))
    assert done.exit_code == 1
    assert "no key here opens clients." in done.output
    start(environ, OLD_KEY)
    assert session.query(Client).one().called_name == "Rose"


def test_a_value_moved_to_another_row_does_not_open(app, travel):  # R32
    one, other = make.client(called_name="Rose"), make.client(called_name="Amal")
    with unit_of_work():
        session.execute(text(f"UPDATE clients SET called_name = (SELECT called_name FROM clients WHERE id = {one.id}) "
                             f"WHERE id = {other.id}"))  # fmt: skip
    session.remove()
    with pytest.raises(crypto.CannotOpen):
        assert session.get_one(Client, other.id).called_name
