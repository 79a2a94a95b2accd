"""Asking partners: what she said counts line by line, what was told stays as it was, and R29 beats all."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.models import AuditEntry
from portal.clients.reach_models import OutsideRestriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.partners import facts, queries, rules, service, steps
from portal.partners.models import PartnerAgreement, PartnerReferral
from portal.plan.answer_models import NeedAnswer
from portal.plan.models import RiskNote
from portal.worklist.models import Task
from tests.partners import asked
from tests.plan.plans import herself, keyworker
from tests.support import make, together


@pytest.fixture
def client(app, travel):
    return make.client(called_name="Rosalind", preparation={"access": "quillmarrow"})


def outside(client, name: str, kind: str = "partner") -> None:
    with unit_of_work():
        session.add(OutsideRestriction(client_id=client.id, kind=kind, name=name, recorded_by=client.keyworker_id,
                                       since_at=clock.now()))  # fmt: skip


def tasks(client) -> list[Task]:
    return list(session.query(Task).filter_by(client_id=client.id, kind="tell_partner", closed_at=None))


def tell(client, row, revision=None, different=False):
    with unit_of_work():
        return service.send(keyworker(client), row.id, different=different, revision=revision or row.revision,
                            now=clock.now())  # fmt: skip


def test_from_draft_to_outcome_each_step_has_its_day_and_who(client, travel):
    row = asked.sent(client, "name")
    travel.forward(days=3)
    asked.stepped(client, row, "accepted", on=clock.london_today(travel.now) - timedelta(days=1))
    asked.stepped(client, row, "first_seen")
    asked.stepped(client, row, "outcome", reason="helped")
    each = queries.asked(asked.fresh(row))
    assert [step.state for step in each.steps] == ["drafted", "agreed", "sent", "accepted", "first_seen", "outcome"]
    assert {(step.by_kind, step.by_id) for step in each.steps} == {("staff", client.keyworker_id)}
    assert (each.steps[3].happened_on, each.referral.outcome) == (
        clock.london_today(travel.now) - timedelta(1),
        "helped",
    )
    written = session.query(AuditEntry).filter(AuditEntry.action.like("partner_%"), AuditEntry.client_id == client.id)
    assert [entry.action for entry in written.order_by(AuditEntry.id)] == [
        "partner_drafted", "partner_agreement", "partner_agreed", "partner_sent", "partner_accepted",
        "partner_first_seen", "partner_outcome",
    ]  # fmt: skip


def test_nothing_is_agreed_by_default_and_nothing_is_told_without_her_word(client):
    row = asked.drafted(client)
    assert queries.asked(row).agreed == frozenset()
    with pytest.raises(Stale):
        tell(client, row)
    with pytest.raises(Stale, match="not_agreed"):
        service.printable(keyworker(client), row.id)
    asked.said(client, row, "name", no=("ask_them",))
    with pytest.raises(Stale):
        tell(client, asked.fresh(row))


def test_what_was_told_stays_as_it_was(client):
    row = asked.sent(client, "name", "language")
    with unit_of_work():
        session.merge(client).called_name = "Somebody Else"
    each, lines = service.printable(keyworker(client), row.id)
    assert dict(lines) == {"name": "Rosalind", "language": "English."} == dict(each.lines)


def test_her_number_goes_only_with_a_live_record_its_terms_and_their_end(client, travel):  # R44
    row = asked.agreed(client, "reach")
    assert facts.facts_for(row, client, travel.now)["reach"].startswith("Only through us.")
    contact = make.safe_contact(client, may_leave_message=False)
    words = facts.facts_for(row, client, travel.now)["reach"]
    assert "07700 900" in words and "Never leave a message." in words
    assert f"until {contact.check_again_on:%d %B %Y}" in words
    travel.forward(days=90)
    assert "07700" not in facts.facts_for(row, client, travel.now)["reach"], "its time is over"


@pytest.mark.parametrize("facts_", [{"may_ring": False}, {"stopped_at": "now"}, {"proved_at": None, "sign_at": None}])
def test_no_number_where_she_may_not_be_rung_or_must_be_asked_again(client, travel, facts_):  # R44, R47
    if facts_.get("stopped_at"):
        facts_ = {"stopped_at": travel.now}
    make.safe_contact(client, **facts_)
    reach = queries.reach_terms(client, travel.now)
    assert (reach is None) == ("proved_at" not in facts_), "a number that is not proved for texts may still be rung"


def test_a_number_that_was_told_is_not_printed_again_once_she_may_not_be_rung(client, travel):  # R44, R47
    contact = make.safe_contact(client)
    row = asked.sent(client, "name", "reach")
    assert [line.item for line in service.printable(keyworker(client), row.id)[1]] == ["name", "reach"]
    with unit_of_work():
        session.get_one(type(contact), contact.id).stopped_at = travel.now
    each, lines = service.printable(keyworker(client), row.id)
    assert [line.item for line in lines] == ["name"]
    assert [line.item for line in each.lines] == ["name", "reach"], "what was told stays to be read"


def needs(client, **said: str) -> None:
    with unit_of_work():
        session.add_all(
            NeedAnswer(client_id=client.id, pathway=pathway, moment="start", need=need, strength="harrowmere",
                       language="en", answered_by_kind="client", answered_by_id=client.id, answered_at=clock.now())
            for pathway, need in said.items()
        )  # fmt: skip


def test_of_her_needs_only_those_are_told_that_she_answered_and_agreed_to_one_by_one(client, travel):
    needs(client, abuse="high", money="some", work="rather_not_say", health="not_asked", family="none", thinking="some")
    needs(client, thinking="rather_not_say")
    row = asked.drafted(client)
    known = facts.facts_for(row, client, travel.now)
    assert {item: words for item, words in known.items() if item.startswith("need_")} == {
        "need_abuse": "high need", "need_money": "some need", "need_family": "no need",
    }  # fmt: skip
    asked.said(client, row, "ask_them", "need_money", "need_work", "need_thinking")
    tell(client, asked.fresh(row))
    lines = service.printable(keyworker(client), row.id)[1]
    assert [line.item for line in lines] == ["need_money"] and "harrowmere" not in json.dumps(lines)


def test_before_she_is_free_to_be_reached_no_number_is_told(client, travel):
    make.safe_contact(client)
    assert queries.reach_terms(client, travel.now) is not None
    client.nothing_before_on = clock.london_today(travel.now) + timedelta(days=3)
    assert queries.reach_terms(client, travel.now) is None


def test_her_yes_to_one_thing_is_not_a_yes_to_another(client):
    make.safe_contact(client)
    row = asked.sent(client, "name", "hear_back")
    assert [line.item for line in queries.asked(row).lines] == ["name"]


SECRETS = {"what_for": "lanternwick", "note": "harrowmere", "access": "quillmarrow"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(yes=st.sets(st.sampled_from(rules.ITEMS)))
def test_seeded_secrets_occur_only_where_she_said_yes(client, yes):
    if not session.query(RiskNote).count():
        make.safe_contact(client, who_else_sees=SECRETS["note"], trusted_person=SECRETS["note"])
        with unit_of_work():
            session.add(RiskNote(client_id=client.id, note=SECRETS["note"], noted_by=client.keyworker_id,
                                 noted_at=clock.now()))  # fmt: skip
    row = asked.drafted(client, what_for=SECRETS["what_for"])
    if yes:
        asked.said(client, row, *yes)
    if "ask_them" not in yes:
        with pytest.raises(Stale):
            service.printable(keyworker(client), row.id)
        return
    tell(client, asked.fresh(row))
    printed = json.dumps(service.printable(keyworker(client), row.id)[1])
    assert ("lanternwick" in printed) == ("what_for" in yes)
    assert ("Rosalind" in printed) == ("name" in yes)
    assert ("07700" in printed) == ("reach" in yes)
    for secret in ("harrowmere", "quillmarrow", client.code_name):
        assert secret not in printed


class TestWhoMustNotKnow:  # R29
    def test_cannot_even_be_written_down(self, client):
        outside(client, "The Harbour-Rooms Ltd")
        for different in (False, True):
            with pytest.raises(Invalid, match="must_not_know"):
                asked.drafted(client, "Harbour Rooms", different=different)
        assert session.query(PartnerReferral).count() == 0

    def test_a_name_that_is_alike_is_asked_about(self, client):
        outside(client, "Harbour Debt Advice")
        with pytest.raises(Invalid, match="near"):
            asked.drafted(client)
        assert asked.drafted(client, different=True).state == "drafted"

    def test_an_interpreter_of_that_name_is_another_matter(self, client):
        outside(client, "Harbour Rooms", kind="interpreter")
        assert asked.drafted(client).state == "drafted"

    def test_known_only_later_it_stops_telling_and_printing(self, client):
        row = asked.agreed(client, "name")
        outside(client, "Harbour Rooms")
        with pytest.raises(Invalid, match="must_not_know"):
            tell(client, row)
        with pytest.raises(Stale, match="must_not_know"):
            service.printable(keyworker(client), row.id)

    def test_who_was_told_before_becomes_a_task(self, client):
        row, other = asked.sent(client, "name"), asked.sent(client, "name", name="Willow Work")
        outside(client, "Harbour Rooms")
        with unit_of_work():
            assert service.warn_of_told(keyworker(client), client.id, now=clock.now()) == 1
        assert (asked.fresh(row).state, asked.fresh(other).state) == ("withdrawn", "sent")
        assert [task.subject for task in tasks(client)] == [f"partner_referrals:{row.id}"]

    def test_staff_who_must_not_know_find_nothing(self, client):
        row = asked.sent(client, "name")
        colleague = make.staff("keyworker", *[session.get(make.Centre, client.centre_id)])
        with unit_of_work():
            session.add(make_restriction(client, colleague))
        for call in (
            lambda: queries.partner_referral(colleague.actor, row.id),
            lambda: service.printable(colleague.actor, row.id),
            lambda: steps.withdraw(colleague.actor, row.id, now=clock.now()),
        ):
            with pytest.raises(NotFound):
                call()


def make_restriction(client, person):
    from portal.clients.models import Restriction

    return Restriction(client_id=client.id, staff_id=person.id, since_at=clock.now())


class TestTakingBack:
    @pytest.mark.parametrize("then", [(), ("accepted",), ("accepted", "first_seen")])
    def test_by_herself_at_any_point_and_a_task_to_tell_them(self, client, then):
        row = asked.sent(client, "name")
        for state in then:
            asked.stepped(client, row, state)
        for _ in range(2):
            with unit_of_work():
                steps.withdraw(herself(client), row.id, now=clock.now())
        assert asked.fresh(row).state == "withdrawn"
        assert len(tasks(client)) == 1
        assert tasks(client)[0].owner_id == client.keyworker_id
        with pytest.raises(Stale, match="withdrawn"):
            service.printable(keyworker(client), row.id)
        last = queries.asked(row).steps[-1]
        assert (last.by_kind, last.by_id, last.reason) == ("client", client.id, "she_said")

    def test_before_they_were_told_nobody_has_to_tell_them(self, client):
        row = asked.agreed(client)
        with unit_of_work():
            steps.withdraw(herself(client), row.id, now=clock.now())
        assert tasks(client) == []

    def test_her_no_to_one_thing_that_was_told_is_a_task_and_is_not_printed_again(self, client):
        row = asked.sent(client, "name", "language")
        asked.said(client, row, no=("language",))
        assert [line.item for line in service.printable(keyworker(client), row.id)[1]] == ["name"]
        assert len(tasks(client)) == 1

    def test_her_no_to_asking_them_takes_all_back(self, client):
        row = asked.sent(client, "name")
        asked.said(client, row, no=("ask_them",))
        assert asked.fresh(row).state == "withdrawn" and len(tasks(client)) == 1
        with pytest.raises(Stale):
            asked.said(client, row, "ask_them")

    def test_not_by_another_woman(self, client):
        row, other = asked.sent(client), make.client()
        with pytest.raises(NotFound):
            steps.withdraw(herself(other), row.id, now=clock.now())

    def test_staff_say_why(self, client):
        row = asked.sent(client)
        with pytest.raises(Invalid, match="reason"), unit_of_work():
            steps.withdraw(keyworker(client), row.id, reason="", now=clock.now())


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"kind": "unknown"}, "kind: missing"),
        ({"name": "  "}, "name: missing"),
        ({"name": "x" * 121}, "name: too_long"),
        ({"what_for": "x" * 601}, "what_for: too_long"),
    ],
)
def test_what_cannot_be_written_down(client, values, refused):
    with pytest.raises(Invalid, match=refused):
        asked.drafted(client, **values)


@pytest.mark.parametrize(
    ("state", "values", "refused"),
    [
        ("agreed", {}, "state: unknown"),
        ("withdrawn", {}, "state: unknown"),
        ("not_taken", {"reason": "helped"}, "reason: missing"),
        ("outcome", {}, "reason: missing"),
        ("accepted", {"on": None}, "happened_on: missing"),
        ("accepted", {"on": "tomorrow"}, "happened_on: future"),
        ("accepted", {"on": "before"}, "happened_on: before_sent"),
    ],
)
def test_what_cannot_be_noted(client, travel, state, values, refused):
    row, today = asked.sent(client), clock.london_today(travel.now)
    days = {"tomorrow": today + timedelta(days=1), "before": today - timedelta(days=1)}
    values = {name: days.get(value, value) for name, value in values.items()}
    with pytest.raises(Invalid, match=refused):
        asked.stepped(client, row, state, **values)


def test_answers_that_no_form_of_ours_gives_are_refused(client):
    row = asked.drafted(client)
    for answers, how in (({}, "phone"), ({"number": True}, "phone"), ({"name": True}, "dream")):
        with pytest.raises(Invalid), unit_of_work():
            service.record_agreements(keyworker(client), row.id, answers=answers, how=how, revision=1, now=clock.now())


def test_whoever_has_an_old_page_changes_nothing(client):
    row = asked.agreed(client)
    with pytest.raises(Stale):
        tell(client, row, revision=row.revision - 1)
    with pytest.raises(Stale), unit_of_work():
        service.record_agreements(keyworker(client), row.id, answers={"name": True}, how="phone", revision=1,
                                  now=clock.now())  # fmt: skip


def test_an_answer_said_again_is_written_once(client):
    row = asked.drafted(client)
    for _ in range(3):
        asked.said(client, row, "name")
    assert session.query(PartnerAgreement).count() == 1


def test_reception_and_referrers_may_do_nothing_here(client):
    row = asked.sent(client)
    centre = session.get(make.Centre, client.centre_id)
    for role in ("receptionist", "referrer", "admin"):
        person = make.staff(role, centre).actor
        with pytest.raises((NotAllowed, NotFound)):
            service.printable(person, row.id)
        with pytest.raises((NotAllowed, NotFound)):
            steps.withdraw(person, row.id, reason="she_said", now=clock.now())


def _try(act) -> None:
    with suppress(Stale):
        act()


def test_she_takes_back_while_staff_tell_and_both_are_true(either_database, app, travel):
    """Whoever comes second sees the first: never told without a task to say that it was taken back."""
    for _ in range(4):
        client = make.client()
        row = asked.agreed(client, "name")
        number, revision, worker, her = row.id, row.revision, keyworker(client), herself(client)

        def telling(number=number, revision=revision, worker=worker):
            with unit_of_work():
                service.send(worker, number, different=False, revision=revision, now=clock.now())

        def taking(number=number, her=her):
            with unit_of_work():
                steps.withdraw(her, number, now=clock.now())

        acts = iter((telling, taking))
        together.at_once(lambda acts=acts: _try(next(acts)), 2)
        row = asked.fresh(row)
        assert row.state == "withdrawn"
        assert bool(row.told) == (len(tasks(client)) == 1)
