"""Open pages keep themselves fresh: cheap when nothing is new, no sign of life, nothing read by nobody."""

import pytest
from sqlalchemy import select

from portal.accounts.models import SignedIn
from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.database import session, unit_of_work
from portal.messaging import outbox
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import IncomingText, PortalMessage, TextState
from tests.messaging.talk import address, come_in, texts
from tests.support import make, sign_in
from tests.support.measures import statements


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


def version(page) -> str:
    [node] = [node for node in page.tree.iter() if node.get("data-version")]
    return node.get("data-version")


def ask(browser, path: str, since: str):
    """What the page's script asks: the answer as it came, for it is a part of a page and no page."""
    return browser.client.get(path, query_string={"since": since})


def changes(client, worker, now):
    """(what happened, how)."""
    yield "her text", lambda: come_in("can we talk", now)
    yield "a text of ours", lambda: outbox.queue(client.id, "test", once="a", now=now)
    yield "its state", lambda: setattr(texts()[0], "state", TextState.HANDED_OVER)
    yield "a message", lambda: session.add(PortalMessage(client_id=client.id, staff_id=None, body="hi", written_at=now))
    yield "a mark", lambda: session.add(ThreadMark(client_id=client.id, kind="merge", made_by=worker.id, made_at=now))
    yield "an opt-out", lambda: outbox.opt_out("+447700900001", now)


def test_a_thread_answers_nothing_until_something_happened(browser, client, worker, travel):
    since = version(browser.get(address(client)))
    for what, happen in changes(client, worker, travel.now):
        assert ask(browser, f"{address(client)}/live", since).status_code == 204, f"before {what}"
        if what == "her text":
            happen()
        else:
            with unit_of_work():
                happen()
        answer = ask(browser, f"{address(client)}/live", since)
        assert answer.status_code == 200, what
        assert b"<html" not in answer.data
        since = version(browser.get(address(client)))


def test_what_an_open_page_fetches_is_logged_but_stays_unread(browser, client, travel):  # R30
    since = version(browser.get(address(client)))
    come_in("can we talk", travel.now)
    answer = ask(browser, f"{address(client)}/live", since)
    assert "can we talk" in answer.text
    assert "new" in answer.text
    session.rollback()
    assert session.scalars(select(IncomingText)).one().read_at is None
    read = select(AuditEntry.reason).where(AuditEntry.action == "thread_read", AuditEntry.client_id == client.id)
    assert session.scalars(read.order_by(AuditEntry.id)).all() == ["", "live"]


def test_asking_again_and_again_is_no_sign_of_life(browser, client, travel):  # R17
    path = f"{address(client)}/live"
    since = version(browser.get(address(client)))
    for _ in range(14):
        travel.forward(minutes=1)
        assert ask(browser, path, since).status_code == 204
    travel.forward(minutes=1)
    answer = ask(browser, path, since)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/sign-in")
    assert browser.get("/staff/inbox").status == 303


def test_a_person_who_looks_is_a_sign_of_life(browser, client, travel):  # R17
    for _ in range(3):
        travel.forward(minutes=10)
        assert browser.get(address(client)).status == 200
    assert session.scalars(select(SignedIn.seen_at).order_by(SignedIn.id.desc())).first() == travel.now


def test_after_signing_in_again_she_lands_on_the_page_not_on_a_part_of_it(browser, client, worker, travel):
    since = version(browser.get(address(client)))
    travel.forward(minutes=20)
    browser.get("/staff/inbox")
    assert ask(browser, f"{address(client)}/live", since).status_code == 303
    browser.get("/staff/sign-in")
    browser.submit("/staff/sign-in", email=worker.email, password=make.PASSWORD)
    with browser.client.session_transaction() as cookie:
        assert cookie["next"] == "/staff/inbox"


def test_the_inbox_answers_nothing_until_something_happened(browser, client, travel):
    since = version(browser.get("/staff/inbox"))
    assert ask(browser, "/staff/inbox/live", since).status_code == 204
    come_in("can we talk", travel.now)
    answer = ask(browser, "/staff/inbox/live", since)
    assert answer.status_code == 200
    assert "Marigold" in answer.text
    since = version(browser.get("/staff/inbox"))
    assert ask(browser, "/staff/inbox/live", since).status_code == 204
    travel.forward(minutes=6)
    assert "6 min" in ask(browser, "/staff/inbox/live", since).text, "ages do not stand still"


def test_the_filter_of_the_open_page_stays(browser, client, travel):
    come_in("can we talk", travel.now)
    page = browser.get("/staff/inbox?show=covered")
    [live] = [node.get("data-live") for node in page.find_all("div") if node.get("data-live")]
    assert live == "/staff/inbox/live?show=covered&since="
    assert "Nothing waits for you here" in browser.client.get(live).text


def test_nothing_new_costs_little(browser, client, travel):
    since = version(browser.get(address(client)))
    with statements() as asked:
        assert ask(browser, f"{address(client)}/live", since).status_code == 204
    assert len(asked) <= 15


def test_who_may_not_see_her_gets_nothing(browser, client, worker, travel):  # R29
    since = version(browser.get(address(client)))
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=worker.id, since_at=travel.now))
    assert ask(browser, f"{address(client)}/live", since).status_code == 404
    assert browser.post(f"{address(client)}/preview", {"body": "hello"}).status == 404


@pytest.mark.parametrize("client_id", ["0", "999", "99999999999999999999", "x"])
def test_odd_ids_are_not_there(browser, client_id):
    assert browser.client.get(f"/staff/clients/{client_id}/messages/live").status_code == 404


def test_the_preview_counts_as_the_network_does_and_sends_nothing(browser, client):
    browser.get(address(client))
    token = browser.csrf_token()

    def preview(body: str) -> str:
        fields = {"body": body, "csrf_token": token}
        return browser.client.post(f"{address(client)}/preview", data=fields).text

    assert "60 letters, 1 part" in preview("Ł" * 60), "folded to plain letters"
    assert "71 letters, 2 parts" in preview("م" * 71)
    assert "Too long: 3 parts is the most" in preview("م" * 300)
    assert "A text may not carry: “<bdi>police</bdi>”" in preview("The police rang")
    assert "Write, and look at it here first" in preview("")
    assert '<p dir="auto" class="said">' in preview("مرحبا")
    assert "&lt;b&gt;" in preview("<b>")
    assert texts() == []


def test_the_script_stays_small_and_stores_nothing(app):  # R8
    script = browser_file(app, "js/staff.js")
    assert len(script) < 2200
    for word in (b"localStorage", b"sessionStorage", b"indexedDB", b"caches", b"eval("):
        assert word not in script


def browser_file(app, name: str) -> bytes:
    return app.test_client().get(f"/static/{name}").data
