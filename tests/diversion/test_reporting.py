"""Reports: two people for "not met", kept as they were sent, the very same as she and the command line read."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.audit.models import AuditEntry
from portal.backoffice import merging
from portal.centres.models import Centre, Kind
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.diversion import conditions, records, reporting
from portal.diversion.queries import report_for
from portal.diversion.report_models import PoliceReport
from portal.worklist.models import Task
from tests.diversion import house as houses
from tests.diversion import referrals
from tests.diversion.house import came, confirmed, drafted, missed, open_house, sent
from tests.support import make
from tests.support.together import at_once


def told_of(house):
    (told,) = report_for(houses.again(house), clock.now())["reports"]
    return told


@pytest.fixture
def house(app, travel):
    house = open_house()
    missed(house, 9, reminded=True)
    missed(house, 5, reminded=True)
    return house


def test_not_met_takes_a_reason_class_and_a_second_person(house):  # R31
    report = drafted(house)
    assert told_of(house)["status"] == "under_way", "drafted is not confirmed"
    for alone in (house.jo,):
        with pytest.raises(NotAllowed):
            confirmed(house, report, alone)
    confirmed(house, report)
    told = told_of(house)
    assert (told["status"], told["reason_class"]) == ("not_met", "hers_not")
    assert told == session.get_one(PoliceReport, report.id).content
    log = session.query(AuditEntry.action, AuditEntry.actor_id).filter_by(subject=f"report:{report.id}").all()
    assert log == [("report_drafted", house.jo.id), ("not_met_confirmed", house.fran.id)]


def test_a_manager_who_drafted_it_is_no_second_person(house):  # R31
    report = drafted(house, house.fran)
    with pytest.raises(Invalid, match="same_person"):
        confirmed(house, report, house.fran)
    confirmed(house, report, house.mo)
    assert told_of(house)["status"] == "not_met"


@pytest.mark.parametrize(
    "values",
    [
        {"confirmed_by": "drafted_by", "confirmed_at": True},
        {"sent_to": "police", "sent_at": True},
        {"reason_class": ""},
    ],
)
def test_the_database_itself_refuses_one_person(house, values):  # R31
    report = drafted(house)
    values = {
        name: getattr(report, value) if value == "drafted_by" else clock.now() if value is True else value
        for name, value in values.items()
    }
    with pytest.raises(IntegrityError), unit_of_work():
        session.execute(update(PoliceReport).where(PoliceReport.id == report.id).values(**values))


def test_without_a_reminder_only_our_own_reason_is_open(app, travel):  # R46
    house = open_house()
    missed(house, 9, reminded=True)
    missed(house, 7, reminded=True)
    missed(house, 5, reminded=False)
    assert reporting.reasons_open(house.condition, clock.now()) == ("service",)
    with pytest.raises(Invalid, match="not_open"):
        drafted(house, reason="hers_not")
    confirmed(house, drafted(house, reason="service"))
    assert told_of(house)["reason_class"] == "service"


def test_who_was_never_offered_enough_is_our_own_reason(app, travel):  # R46
    house = open_house()
    missed(house, 9, reminded=True)
    assert reporting.reasons_open(house.condition, clock.now()) == ("service",)


def test_where_family_reported_her_nothing_is_told_but_counts(app, travel):  # R45
    house = open_house(needed=3, reporter_is_family=True)
    came(house, 20)
    for days in (9, 5):
        missed(house, days, reminded=True)
    assert "safety" not in reporting.reasons_open(house.condition, clock.now())
    report = drafted(house, reason="hers_acceptable")
    assert report.content["attended_dates"] == [] and report.content["attended"] == 1


def test_before_the_day_is_over_nobody_can_say_so(app, travel):
    house = open_house(due_on=clock.london_today(travel.now))
    for days in (9, 5):
        missed(house, days, reminded=True)
    with pytest.raises(Invalid, match="not_over"):
        drafted(house)
    travel.forward(days=1)
    drafted(house)


def test_what_is_met_nobody_can_call_not_met_and_attendance_put_right_undoes_it(house):
    report = drafted(house)
    confirmed(house, report)
    with unit_of_work():
        for one in conditions.missed(house.condition, clock.now()):
            one.attendance = "late"
    assert told_of(house)["status"] == "met"
    with pytest.raises(Stale):
        sent(house, report)


def test_what_changed_since_the_draft_is_not_confirmed(house):
    report = drafted(house)
    came(house, 3)
    with pytest.raises(Stale):
        confirmed(house, report)
    assert told_of(house)["status"] == "under_way"


def test_a_sent_report_is_kept_as_it_was_and_is_not_sent_twice(house):
    report = confirmed(house, drafted(house))
    sent(house, report)
    content = dict(session.get_one(PoliceReport, report.id).content)
    for do in (sent, confirmed):
        with pytest.raises(Stale):
            do(house, report)
    with pytest.raises(Stale), unit_of_work():
        reporting.end_draft(house.jo, report.id, now=clock.now())
    with unit_of_work():
        conditions.vary(
            house.jo, house.condition_id, sessions=1, due_on=date(2027, 1, 31), reason="agreed",
            was=(2, house.condition.due_on), now=clock.now(),
        )  # fmt: skip
    session.remove()
    kept = session.get_one(PoliceReport, report.id)
    assert kept.content == content and kept.sent_to_words == "The unit's mailbox"
    assert told_of(house)["status"] == "under_way", "it does not stand for other terms"


def test_a_correction_names_what_it_replaces(house):
    first = confirmed(house, drafted(house))
    sent(house, first)
    second = drafted(house, reason="")
    assert second.replaces_id == first.id
    assert told_of(house)["status"] == "not_met", "until it is sent"
    sent(house, second)
    assert told_of(house) == session.get_one(PoliceReport, second.id).content
    assert told_of(house)["status"] == "under_way"
    old = session.get_one(PoliceReport, first.id)
    assert (old.ended_why, old.content["status"]) == ("replaced", "not_met")


def test_the_same_is_not_told_twice_and_nothing_is_corrected_before_anything_was_sent(house):
    with pytest.raises(Invalid, match="nothing"):
        drafted(house, reason="", corrects=True)
    sent(house, drafted(house, reason=""))
    with pytest.raises(Stale):
        drafted(house, reason="")


def test_a_second_person_may_refuse_it(house):
    report = drafted(house)
    assert session.query(Task).filter_by(kind="confirm_report", closed_at=None).count() == 1
    with unit_of_work():
        reporting.end_draft(house.fran, report.id, now=clock.now())
    session.remove()
    assert session.get_one(PoliceReport, report.id).ended_why == "refused"
    assert session.query(Task).filter_by(kind="confirm_report", closed_at=None).count() == 0
    assert told_of(house)["status"] == "under_way"


def test_who_must_not_know_of_her_finds_no_report(house):  # R29
    report = drafted(house)
    with unit_of_work():
        session.add(Restriction(client_id=house.client_id, staff_id=house.fran.id, since_at=clock.now()))
    for do in (confirmed, sent):
        with pytest.raises(NotFound):
            do(house, report, house.fran)


def test_two_at_once_draft_one_and_send_one(either_database, house):
    def draft():
        try:
            return drafted(house).id
        except (Stale, IntegrityError):
            return None

    made = [one for one in at_once(draft, 4) if one]
    assert len(made) == 1
    confirmed(house, session.get_one(PoliceReport, made[0]))

    def send():
        try:
            return sent(house, session.get_one(PoliceReport, made[0])).id
        except Stale:
            return None

    assert len([one for one in at_once(send, 4) if one]) == 1


def test_a_reference_with_her_name_is_told_by_nobody(app, travel):  # R31
    house = open_house(reference="Marigold 7")
    with unit_of_work():
        houses.again(house).called_name = "Marigold"
    assert told_of(house)["reference"] == ""
    with pytest.raises(Invalid, match="shape"):
        drafted(house, reason="")


def test_she_and_the_command_line_read_the_very_same(app, house):  # R31
    confirmed(house, drafted(house))
    done = app.test_cli_runner().invoke(args=["client", "report", house.client.code_name, "--json"])
    assert json.loads(done.output)["reports"] == [told_of(house)]


class Paths(RuleBasedStateMachine):
    """Whatever anybody does in whatever order: "not met" is told only while two people's report of it stands."""

    travel = None

    def __init__(self) -> None:
        super().__init__()
        self.travel.to("2026-12-01 10:00")
        self.house = open_house(due_on=date(2026, 12, 20))
        self.two_people: tuple[int, int] | None = None
        self.joined = 0

    def _try(self, do):
        try:
            with unit_of_work():
                return do()
        except (Invalid, Stale, NotAllowed):
            return None

    @rule(days=st.integers(1, 30))
    def time_passes(self, days):
        self.travel.forward(days=days)

    @rule(reminded=st.booleans())
    def misses(self, reminded):
        missed(self.house, 0, reminded=reminded)

    @rule()
    def comes(self):
        came(self.house, 0)

    @rule(sessions=st.integers(0, 4), days=st.integers(-40, 60), reason=st.sampled_from(["agreed", "mistake", ""]))
    def is_varied(self, sessions, days, reason):
        condition = conditions.condition_for(self.house.jo, self.house.condition_id)
        was, day = (condition.sessions_needed, condition.due_on), condition.due_on + timedelta(days=days)
        self._end(lambda: conditions.vary(self.house.jo, condition.id, sessions=sessions, due_on=day,
                                          reason=reason, was=was, now=clock.now()))  # fmt: skip

    @rule()
    def is_excused(self):
        self._end(lambda: conditions.excuse(self.house.jo, self.house.condition_id, appointment_id=None,
                                            reason="health", now=clock.now()))  # fmt: skip

    def _end(self, do):
        if self._try(do) is not None:
            self.two_people = None

    @rule(reason=st.sampled_from(["", "hers_not", "hers_acceptable", "service", "safety", "anything"]),
          by=st.sampled_from(["jo", "fran", "mo"]))  # fmt: skip
    def is_drafted(self, reason, by):
        self._try(lambda: reporting.draft(getattr(self.house, by), self.house.condition_id, not_met_because=reason,
                                          corrects=False, now=clock.now()))  # fmt: skip

    def _last(self):
        hers = session.query(PoliceReport).filter_by(client_id=self.house.client_id)
        return hers.order_by(PoliceReport.id.desc()).first()

    @rule(days_ago=st.integers(1, 20))
    def another_record_of_hers_is_joined(self, days_ago):
        other = make.client(houses.person(self.house.jo), session.get_one(Centre, self.house.centre_id))
        kind = session.get_one(Kind, self.house.kind_id)
        referrals.came(other, kind, clock.now() - timedelta(days=days_ago, minutes=self.joined), "no")
        self.joined += 1
        self._try(lambda: merging.merge(self.house.fran, self.house.client_id, other.id, now=clock.now()))

    @rule(by=st.sampled_from(["jo", "fran", "mo"]))
    @precondition(lambda self: self._last() is not None)
    def is_confirmed(self, by):
        report, actor = self._last(), getattr(self.house, by)
        if self._try(lambda: reporting.confirm(actor, report.id, now=clock.now())) is not None:
            assert actor.id != report.drafted_by
            self.two_people = (report.drafted_by, actor.id)

    @rule()
    @precondition(lambda self: self._last() is not None)
    def is_sent(self):
        report = self._last()
        done = self._try(lambda: reporting.note_sent(self.house.jo, report.id, to="police", words="",
                                                     how="post", now=clock.now()))  # fmt: skip
        if done is not None:
            assert done.content == told_of(self.house), "what is sent is what she reads at that moment"
            if done.status != "not_met" and done.replaces_id:
                self.two_people = None

    @rule()
    @precondition(lambda self: self._last() is not None)
    def is_taken_back(self):
        report = self._last()
        if self._try(lambda: reporting.end_draft(self.house.jo, report.id, now=clock.now())) is not None:
            self.two_people = None if report.status == "not_met" else self.two_people

    @invariant()
    def not_met_is_said_by_two_people_alone(self):
        told = told_of(self.house)
        if told["status"] == "not_met":
            assert self.two_people is not None and len(set(self.two_people)) == 2
            assert told["reason_class"]
        else:
            assert told["reason_class"] == ""


def test_no_path_reaches_not_met_without_two_people(app, travel):  # R31
    Paths.travel = travel
    run_state_machine_as_test(
        Paths,
        settings=settings(max_examples=25, stateful_step_count=20, deadline=None,
                          suppress_health_check=list(HealthCheck)),
    )  # fmt: skip


def test_the_mailbox_goes_with_the_record_and_what_was_told_stays(house, travel):  # R33
    report_id = sent(house, drafted(house, reason="")).id
    with unit_of_work():
        client = houses.again(house)
        client.state, client.closed_at = "closed", clock.now()
    travel.forward(days=179)
    for days, gone in ((0, 0), (2, 1)):
        travel.forward(days=days)
        with unit_of_work():
            assert records.purge(clock.now(), dry_run=False) == {"police_reports": gone, "referrals": 0}
    session.remove()
    kept = session.get_one(PoliceReport, report_id)
    assert kept.sent_to_words is None and kept.content["reference"] == "REF-7"
