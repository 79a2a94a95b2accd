"""The transcript: whole, by London days, neutral in name and title, logged each time it is made."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.banned import banned_in
from portal.core.database import session, unit_of_work
from portal.core.settings import BANNED_WORDS
from portal.home.looks import looks
from portal.messaging import queries
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import PortalMessage
from tests.messaging.talk import address, come_in
from tests.support import make, sign_in


@pytest.fixture
def worker(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def client(worker):
    client = make.client(worker, called_name="Marigold")
    make.safe_contact(client, number="+447700900001")
    return client


@pytest.fixture
def browser(page_client, worker, client):
    sign_in.as_staff(page_client, worker)
    return page_client


@pytest.fixture
def path(client) -> str:
    return f"{address(client)}/transcript"


def say(client, body: str, at, staff_id=None) -> None:
    with unit_of_work():
        session.add(PortalMessage(client_id=client.id, staff_id=staff_id, body=body, written_at=at))


def rows(page) -> list[list[str]]:
    return [[" ".join("".join(cell.itertext()).split()) for cell in row][0:4] for row in page.find_all("tr")[1:]]


def test_it_says_when_who_what_and_what_became_of_it(browser, client, worker, path, send, travel):
    come_in("can we talk", travel.now)
    browser.get(address(client))
    browser.submit(address(client), body="Yes, at ten")
    send()
    say(client, "on my pages", travel.forward(minutes=1))
    with unit_of_work():
        session.add(ThreadMark(client_id=client.id, kind="merge", made_by=worker.id, made_at=travel.forward(minutes=1)))
    page = browser.get(path)
    assert (page.title, page.h1) == ("Messages", "Messages")
    assert rows(page) == [
        ["Tue 1 Dec 2026 10:00", "from her number", "can we talk", ""],
        ["Tue 1 Dec 2026 10:00", "Jo, by text", "Yes, at ten", "Handed to the network 10:00"],
        ["Tue 1 Dec 2026 10:01", "she, on her pages", "on my pages", ""],
        ["Tue 1 Dec 2026 10:02", "what happened", "Another record of hers was joined to this one by Jo", ""],
    ]


def test_the_file_has_a_neutral_name_and_is_stored_nowhere(browser, client, path, travel):  # R7, R8
    say(client, "مرحبا\nin two lines", travel.now)
    answer = browser.client.get(f"{path}.txt")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages-20261201.txt"'
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.decode("utf-8") == (
        "Messages with Marigold, as of Tue 1 Dec 2026 10:00\n\n"
        "Tue 1 Dec 2026 10:00, she, on her pages\nمرحبا\nin two lines\n"
    )
    assert not banned_in(answer.headers["Content-Disposition"], BANNED_WORDS)


def test_each_making_is_in_the_log(browser, client, path, worker):  # R30
    browser.get(path)
    browser.client.get(f"{path}.txt")
    made = session.execute(
        select(AuditEntry.actor_id, AuditEntry.client_id, AuditEntry.reason).where(
            AuditEntry.action == "transcript_made"
        )
    ).all()
    assert [tuple(row) for row in made] == [(worker.id, client.id, "shown"), (worker.id, client.id, "saved")]


def test_she_sees_that_somebody_looked(browser, client, path, travel):  # R30
    before, _ = looks(client.id)
    browser.client.get(f"{path}.txt")
    session.rollback()
    [one] = looks(client.id)[0]
    assert before == []
    assert (one.on, one.role, one.kinds) == (travel.now.date(), "keyworker", ["copy"])


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ("", ["spring before", "spring after", "autumn"]),
        ("?from_on=2026-03-29", ["spring after", "autumn"]),
        ("?until_on=2026-03-28", ["spring before"]),
        ("?from_on=2026-03-29&until_on=2026-10-25", ["spring after", "autumn"]),
        ("?until_on=2026-10-24", ["spring before", "spring after"]),
        ("?from_on=0001-01-01&until_on=9999-12-31", ["spring before", "spring after", "autumn"]),
        ("?from_on=2027-01-01", []),
    ],
)
def test_days_are_londons_also_when_the_clocks_change(browser, client, path, days, shown):
    say(client, "spring before", make.london(make.date(2026, 3, 28), "23:59"))
    say(client, "spring after", make.london(make.date(2026, 3, 29), "00:00"))
    say(client, "autumn", make.london(make.date(2026, 10, 25), "23:59"))
    assert [row[2] for row in rows(browser.get(f"{path}{days}"))] == shown
    saved = browser.client.get(f"{path}.txt{days}").text
    assert [words for words in ("spring before", "spring after", "autumn") if words in saved] == shown


@pytest.mark.parametrize("days", ["?from_on=2026-12-02&until_on=2026-12-01", "?from_on=soon", "?until_on=2026-02-30"])
def test_days_that_do_not_fit_show_nothing_and_make_nothing(browser, client, path, days, travel):
    say(client, "hello there", travel.now)
    page = browser.get(f"{path}{days}")
    assert page.status == 422
    assert page.find_all("div", id="faults")
    assert "hello there" not in page.text
    assert browser.client.get(f"{path}.txt{days}").status_code == 422
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "transcript_made")).all() == []


def test_nothing_is_left_out_of_a_long_thread(browser, client, path, travel, monkeypatch):
    monkeypatch.setattr(queries, "MOST_SHOWN", 2)
    for number in range(320):
        with unit_of_work():
            session.add(PortalMessage(client_id=client.id, staff_id=None, body=str(number), written_at=travel.now))
    assert len(rows(browser.get(path))) == 320


def test_who_may_not_see_her_gets_none(browser, client, worker, path, travel):  # R29
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=worker.id, since_at=travel.now))
    assert browser.get(path).status == 404
    assert browser.get(f"{path}.txt").status == 404


@pytest.mark.parametrize("client_id", ["0", "999", "99999999999999999999", "x"])
def test_odd_ids_are_not_there(browser, client_id):
    assert browser.get(f"/staff/clients/{client_id}/messages/transcript").status == 404
    assert browser.get(f"/staff/clients/{client_id}/messages/transcript.txt").status == 404


def test_reception_makes_none(page_client, client, path):  # R28
    sign_in.as_staff(page_client, make.staff("receptionist", session.get(make.Centre, client.centre_id)))
    assert page_client.get(path).status == 403
    assert page_client.get(f"{path}.txt").status == 403
