"""A supervisor sees what each worker has to carry: right counts, by name, R29 observed, in few queries."""

import random
from datetime import timedelta

import pytest

from portal.audit.models import AuditEntry
from portal.backoffice.caseloads import caseloads
from portal.clients.models import Client, SafeContact
from portal.clients.queries import must_be_asked, safe_contact
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import NotAllowed
from portal.diversion.models import Referral
from portal.plan.models import Plan
from portal.plan.review_models import Review
from portal.worklist.models import Task
from tests.backoffice import two_records
from tests.diversion import referrals
from tests.support import make, sign_in
from tests.support.measures import statements


@pytest.fixture
def house(app, travel):
    centre, other = make.centre(), make.centre()
    workers = [make.staff("keyworker", centre, first_name=name) for name in ("Priya", "Ana", "Jo")]
    frances = make.staff("manager", centre, first_name="Frances")
    return type("House", (), {"centre": centre, "other": other, "workers": workers, "frances": frances})


def task(now, **values) -> None:
    with unit_of_work():
        session.add(
            Task(kind="ring_her", once=f"t{random.random()}", raised_at=now - timedelta(days=9), subject="", **values)
        )


def fill(house, now, number: int, dice: random.Random) -> None:
    """Women of whom each fact was drawn."""
    for _ in range(number):
        worker = dice.choice([*house.workers, None])
        client = make.client(worker or house.workers[0], house.centre, state=dice.choice(["open", "open", "closed"]))
        if worker is None:
            with unit_of_work():
                session.merge(client).keyworker_id = None
        for days in dice.choice([(), (5,), (-5,), (5, -5), (-5, 5)]):
            make.safe_contact(
                client, asked_by=house.workers[0].id, check_again_on=clock.london_today(now) + timedelta(days=days),
                sign_at=dice.choice([now, now - timedelta(days=61), None]), may_text=dice.choice([True, False]),
                stopped_at=dice.choice([None, None, now]), proved_at=dice.choice([now, None]),
            )  # fmt: skip
        row = referrals.referral(client)
        with unit_of_work():
            if dice.random() < 0.7:
                today = clock.london_today(now)
                state, on = dice.choice(["draft", "agreed", "shared", "closed"]), dice.choice([None, 0, -1])
                review_on = None if on is None else today + timedelta(days=on)
                session.add(Plan(client_id=client.id, state=state, review_on=review_on, started_at=now))
                if dice.random() < 0.5:
                    held, due_on = dice.choice([None, today]), today + timedelta(days=dice.choice([-1, 0]))
                    by = house.frances.id if held else None
                    session.add(Review(client_id=client.id, kind="next", due_on=due_on, held_on=held, held_by=by,
                                       made_at=now))  # fmt: skip
            row = session.get_one(Referral, row.id)
            row.first_contact_due_at = now + timedelta(hours=dice.choice([-1, 1]))
            row.first_contact_at = dice.choice([None, None, now])
        if worker is not None:
            task(now, client_id=client.id, owner_id=worker.id, due_at=now + timedelta(hours=dice.choice([-1, 1])),
                 closed_at=dice.choice([None, None, now]))  # fmt: skip


def one_by_one(worker_id: int | None, hidden: set[int], now) -> tuple[int, ...]:
    """The same numbers, slowly: each woman looked at by herself."""
    session.remove()
    today = clock.london_today(now)
    women = [one for one in session.query(Client).filter_by(state="open", keyworker_id=worker_id)
             if one.id not in hidden]  # fmt: skip
    tasks = contact = review = first = 0
    for woman in women:
        contact += must_be_asked(safe_contact(woman.id), now)
        plan = session.query(Plan).filter_by(client_id=woman.id).first()
        ahead = [row for row in session.query(Review).filter_by(client_id=woman.id)
                 if row.held_on is None and row.due_on >= today]  # fmt: skip
        if plan is not None and plan.state in ("shared", "agreed", "under_review"):
            review += not ahead and (plan.review_on is None or plan.review_on < today)
        first += any(
            row.first_contact_at is None and row.first_contact_due_at is not None and row.first_contact_due_at < now
            for row in session.query(Referral).filter_by(client_id=woman.id)
            if row.state != "declined"
        )
    ids = {one.id for one in session.query(Client).filter_by(state="open")} - hidden
    if worker_id is not None:
        tasks = sum(
            row.closed_at is None and row.due_at < now and row.client_id in ids
            for row in session.query(Task).filter_by(owner_id=worker_id)
        )
    return len(women), tasks, review, contact, first


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_those_of_looking_at_each_woman(house, travel, seed):
    dice = random.Random(seed)
    fill(house, travel.now, 14, dice)
    hidden = {one.id for one in session.query(Client).all()[:3]}
    for number in hidden:
        two_records.must_not_know(session.get_one(Client, number), house.frances)  # R29
    rows = caseloads(house.frances.actor, travel.now)
    assert [row.worker.first_name for row in rows if row.worker] == ["Ana", "Frances", "Jo", "Priya"], "by name alone"
    for row in rows:
        expected = one_by_one(row.worker.id if row.worker else None, hidden, travel.now)
        assert tuple(row[1:]) == expected, row.worker and row.worker.first_name


def test_women_elsewhere_and_their_tasks_are_not_counted(house, travel):
    far = make.staff("keyworker", house.other, first_name="Tess")
    woman = make.client(far)
    task(travel.now, client_id=woman.id, owner_id=house.workers[0].id, due_at=travel.now - timedelta(days=1))
    rows = caseloads(house.frances.actor, travel.now)
    assert sum(row.women + row.tasks_overdue for row in rows) == 0
    assert "Tess" not in {row.worker.first_name for row in rows}


def test_a_task_about_nobody_counts_at_its_centre(house, travel):
    for centre in (house.centre, house.other):
        task(travel.now, owner_id=house.workers[0].id, centre_id=centre.id, due_at=travel.now - timedelta(days=1))
    rows = {row.worker.first_name: row for row in caseloads(house.frances.actor, travel.now)}
    assert rows["Priya"].tasks_overdue == 1


def test_a_worker_who_has_left_is_there_as_long_as_she_has_women(house, travel):
    make.client(house.workers[0])
    with unit_of_work():
        session.merge(house.workers[0]).active = False
    assert {row.worker.first_name for row in caseloads(house.frances.actor, travel.now) if row.women} == {"Priya"}


def test_as_many_queries_for_many_as_for_few(house, travel):
    counts = []
    for number in (1, 12):
        fill(house, travel.now, number, random.Random(number))
        session.remove()
        frances = session.merge(house.frances).actor
        with statements() as asked:
            caseloads(frances, travel.now)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8
    assert session.query(SafeContact).count()


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "admin", "referrer"])
def test_nobody_but_a_manager(house, travel, page_client, role):
    person = make.staff(role, house.centre, first_name="Sam")
    with pytest.raises(NotAllowed):
        caseloads(person.actor, travel.now)
    sign_in.staff_at(page_client, person, "/staff/caseloads")
    assert page_client.page.status == 403


def test_the_page_ranks_nobody_and_stands_in_the_log(house, travel, page_client):
    fill(house, travel.now, 6, random.Random(1))
    page = sign_in.staff_at(page_client, house.frances, "/staff/caseloads")
    names = [row for row in ("Ana Example", "Frances Example", "Jo Example", "Priya Example") if row in page.text]
    assert [page.text.index(name) for name in names] == sorted(page.text.index(name) for name in names)
    assert not re_colours(page.html), "no colour says that somebody is behind"
    assert session.query(AuditEntry).filter_by(action="caseloads_read").count() == 1
    assert page.links()["Feedback"] == "/staff/feedback"


def re_colours(html: str) -> list[str]:
    import re

    table = html[html.index("<table") : html.index("</table>")]
    return re.findall(r'class="[^"]*(?:tag|note|wait|\br\b|\ba\b)', table)
