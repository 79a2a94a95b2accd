"""What is known of the risk to her: for the few, each look written down, never on her pages."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.backoffice import break_glass
from portal.clients.models import Client, Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.plan import risk, risk_rules
from portal.plan.models import RiskNote
from portal.plan.risk_models import RiskAssessment
from portal.plan.risk_rules import Answers
from portal.staff.models import Absence, Staff
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks as seen_by
from tests.plan import plans
from tests.support import make, sign_in

DAY = make.date(2026, 12, 1)
ANSWERS = {"kind": "dash", "done_on": "2026-12-01", "score": "9", "judgement": "medium", "marac": "none",
           "told_her_first": "yes"}  # fmt: skip


@pytest.fixture
def client(app, travel):
    """A woman whose keyworker is Jo."""
    return make.client()


@pytest.fixture
def at_risk(page_client, client):
    """Her keyworker's browser, at the page of risk."""
    sign_in.as_staff(page_client, session.get(Staff, client.keyworker_id))
    page_client.get(address(client))
    return page_client


def address(client: Client) -> str:
    return f"/staff/clients/{client.id}/risk"


def open_tasks(kind: str) -> list[Task]:
    session.expire_all()
    return list(session.scalars(select(Task).where(Task.kind == kind, Task.closed_at.is_(None))))


def test_a_keyworker_keeps_an_assessment_and_a_note_and_she_never_sees_either(at_risk, client, new_page_client):
    at_risk.submit(address(client), **ANSWERS, note="Harrowmere")
    page = at_risk.submit(f"{address(client)}/notes", note="Thistledown")
    assert "Harrowmere" in page.text and "Thistledown" in page.text and "Medium" in page.text
    plans.goal(client)
    plans.state(client)
    hers = new_page_client()
    sign_in.as_client(hers, client)
    for her_page in ("/plan", "/today", "/me", "/plan/goals"):
        assert "Harrowmere" not in hers.get(her_page).html and "Thistledown" not in hers.get(her_page).html


def test_each_look_is_a_row_of_its_own(at_risk, client):  # R30
    for _ in range(2):
        at_risk.get(address(client))
    looks = session.scalars(select(AuditEntry).where(AuditEntry.action == "risk_read")).all()
    assert [(look.actor_id, look.client_id) for look in looks] == [(client.keyworker_id, client.id)] * 3


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"told_her_first": None}, "Say whether she was told first."),
        ({"told_her_first": "no"}, "Say why she was not told first."),
        ({"score": ""}, "Say how many answers were yes."),
        ({"score": "25"}, "A number from 0 to 24."),
        ({"done_on": "2026-12-02"}, "That day is still to come."),
        ({"marac": "heard"}, "Say on which day."),
        ({"next_on": "2026-11-30"}, "That day is past."),
        ({"judgement": None}, "Choose one."),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(at_risk, client, changed, words):
    fields = {name: value for name, value in (ANSWERS | changed).items() if value is not None}
    page = at_risk.submit(address(client), **fields, note="Harrowmere")
    assert page.status == 422
    assert words in page.text and "Harrowmere" in page.html
    assert not session.scalars(select(RiskAssessment)).all()


def test_pressed_twice_it_is_kept_once(at_risk, client):  # R38
    fields = ANSWERS | {"request_key": at_risk.page.field("request_key"), "judgement": "high"}
    for _ in range(2):
        assert at_risk.post(address(client), fields).status == 303
    assert len(session.scalars(select(RiskAssessment)).all()) == 1
    assert len(open_tasks("risk_high")) == 1


def test_high_and_marac_are_tasks_of_whoever_leads_and_end_when_it_is_referred(at_risk, client):
    lead = make.staff("manager", session.get(make.Centre, client.centre_id), first_name="Frances")
    with unit_of_work():
        session.get_one(Staff, lead.id).safeguarding_lead = True
    make.safe_contact(client)
    at_risk.submit(address(client), **ANSWERS | {"judgement": "high", "marac": "to_refer"})
    assert [task.owner_id for task in open_tasks("risk_high") + open_tasks("marac_to_refer")] == [lead.id] * 2
    assert len(open_tasks("recheck_safe_contact")) == 1  # R18
    row = session.scalars(select(RiskAssessment)).one()
    at_risk.submit(f"{address(client)}/{row.id}/marac", marac="referred", marac_on="2026-12-01")
    assert not open_tasks("marac_to_refer")
    assert len(open_tasks("risk_high")) == 1


def test_to_look_again_is_never_a_task_that_tells_her_whole_centre(app, travel):  # R29
    centre = make.centre()
    frances, colleague = make.staff("manager", centre, first_name="Frances"), make.staff("keyworker", centre)
    woman = make.client(None, centre)
    with unit_of_work():
        session.get_one(Client, woman.id).keyworker_id = None
    answers = Answers(kind="dash", done_on=DAY, score=9, judgement="medium", marac="none", marac_on=None,
                      told_her_first=True, why_not="", next_on=DAY + timedelta(days=30))  # fmt: skip
    with unit_of_work():
        risk.record(frances.actor, woman.id, answers, request_key="k", now=clock.now())
    assert [task.owner_id for task in open_tasks("risk_look_again")] == [frances.id]
    assert "risk_look_again" not in {task.kind for task in seen_by(colleague.actor)}


def test_a_lead_who_must_not_know_of_her_gets_no_task(at_risk, client):  # R29
    lead = make.staff("manager", session.get(make.Centre, client.centre_id), first_name="Frances")
    with unit_of_work():
        session.get_one(Staff, lead.id).safeguarding_lead = True
        session.add(Restriction(client_id=client.id, staff_id=lead.id, since_at=clock.now()))
    at_risk.submit(address(client), **ANSWERS | {"judgement": "high"})
    assert [task.owner_id for task in open_tasks("risk_high")] == [client.keyworker_id]


def test_marac_set_by_a_colleague_meanwhile_is_a_clear_page(at_risk, client):
    at_risk.submit(address(client), **ANSWERS)
    row = session.scalars(select(RiskAssessment)).one()
    at_risk.post(f"{address(client)}/{row.id}/marac", {"marac": "to_refer", "was": "none"})
    page = at_risk.post(
        f"{address(client)}/{row.id}/marac", {"marac": "heard", "marac_on": "2026-12-01", "was": "none"}
    )
    assert page.status == 409
    assert "A colleague set where it stands" in page.text


def test_who_may_read_it(client, travel):
    """Her keyworker, who covers, her managers, who leads; nobody else, whoever reaches the record otherwise."""
    from portal.core.errors import NotAllowed, NotFound
    from portal.plan import risk

    here = session.get(make.Centre, client.centre_id)
    people = {
        "keyworker": session.get(Staff, client.keyworker_id), "manager": make.staff("manager", here),
        "colleague": make.staff("keyworker", here), "cover": make.staff("keyworker", make.centre()),
        "lead": make.staff("keyworker", here), "reception": make.staff("receptionist", here),
        "elsewhere": make.staff("manager", make.centre()), "admin": make.staff("admin"),
    }  # fmt: skip
    with unit_of_work():
        session.get_one(Staff, people["lead"].id).safeguarding_lead = True
        session.add(Absence(staff_id=client.keyworker_id, starts_at=travel.now - timedelta(hours=1),
                            ends_at=travel.now + timedelta(days=3), covered_by=people["cover"].id))  # fmt: skip
    reads = set()
    for name, person in people.items():
        try:
            with unit_of_work():
                assert risk.read(person.actor, client.id, now=travel.now)[1] is not None
            reads.add(name)
        except (NotFound, NotAllowed):
            continue
    assert reads == {"keyworker", "manager", "cover", "lead"}


def test_a_colleague_is_shown_no_way_that_leads_nowhere(page_client, client):
    plan_page, risk_page = f"/staff/clients/{client.id}/plan", address(client)
    colleague = make.staff("keyworker", session.get(make.Centre, client.centre_id))
    sign_in.as_staff(page_client, colleague)
    page = page_client.get(plan_page)
    assert "Risk" not in page.links() and "Safety plan" not in page.links()
    assert page_client.get(risk_page).status == 404


def test_by_break_glass_it_takes_a_press_of_its_own(page_client, client):  # R28
    with unit_of_work():
        session.add(RiskNote(client_id=client.id, note="Harrowmere", noted_by=client.keyworker_id,
                             noted_at=clock.now()))  # fmt: skip
    far = make.staff("keyworker", make.centre())
    with unit_of_work():
        break_glass.open_beyond_reach(far.actor, client.code_name, reason="danger", words="She is here",
                                      now=clock.now())  # fmt: skip
    sign_in.as_staff(page_client, far)
    page = page_client.get(f"/staff/clients/{client.id}/plan")
    assert "Safety plan" not in page.links()
    page = page_client.get(page.links()["Risk"])
    assert "Harrowmere" not in page.html
    page = page_client.submit(f"{address(client)}/open")
    assert "Harrowmere" in page.text
    assert not page.find_all("textarea"), "it is read and not written"
    looks = session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "risk_read")).all()
    assert len(looks) == 1 and looks[0].startswith("break_glass")
    assert page_client.post(f"{address(client)}/notes", {"note": "x", "request_key": "k"}).status == 404
    assert page_client.get(f"/staff/clients/{client.id}/safety-plan").status == 404


TEXTS = st.sampled_from(["", "x"])
DAYS = st.none() | st.dates(make.date(2026, 11, 1), make.date(2027, 1, 1))


@given(
    st.builds(
        Answers, st.sampled_from(["dash", "other", "", "x"]), DAYS, st.none() | st.integers(-1, 30),
        st.sampled_from(["standard", "medium", "high", ""]),
        st.sampled_from(["none", "to_refer", "referred", "heard", ""]), DAYS, st.none() | st.booleans(), TEXTS, DAYS,
    )
)  # fmt: skip
def test_what_is_let_through_makes_sense(answers):
    if risk_rules.fault(answers, DAY) is None:
        assert answers.done_on is not None and answers.done_on <= DAY
        assert answers.kind != "dash" or 0 <= answers.score <= 24
        assert answers.told_her_first or (answers.told_her_first is False and answers.why_not)
        assert answers.marac not in ("referred", "heard") or answers.marac_on <= DAY
        assert answers.next_on is None or answers.next_on >= DAY
