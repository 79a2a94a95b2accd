"""A caseload, opening a woman's record, and the desk's search, as staff meet them."""

import pytest
from sqlalchemy import event, select

from portal.audit.models import AuditEntry
from portal.clients.models import Client, Restriction
from portal.clients.queries import client_by_code_name
from portal.core import database
from portal.core.database import unit_of_work
from tests.backoffice.booked import appointment
from tests.support import make, sign_in

NEW = {"called_name": "Amal", "somebody_must_not_know": "nobody"}


def audited(action: str) -> list[AuditEntry]:
    with make.session() as reading:
        return list(reading.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.fixture
def jo(travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def at_new(page_client, jo):
    sign_in.staff_at(page_client, jo, "/staff/clients/new")
    return page_client


def test_a_keyworker_opens_a_record_and_is_shown_code_name_and_code_once(at_new, jo, new_page_client):
    offered = at_new.page.field("code_name")
    page = at_new.submit("/staff/clients/new", **NEW)
    client = client_by_code_name(offered)
    assert (client.called_name, client.keyworker_id) == ("Amal", jo.id)
    assert page.address == f"/staff/clients/{client.id}/setup-code/card"
    assert offered in page.text
    code = page.text.split("Code")[-1].split("Use")[0].replace(" ", "")
    assert at_new.get(page.address).status == 410  # shown once
    assert code not in at_new.page.text.replace(" ", "")
    her = new_page_client()
    her.get("/set-up")
    assert her.submit("/set-up", code_name=offered, code=code, passcode="867530").address == "/today"


def test_pressed_twice_it_makes_one_record_and_still_shows_the_card(at_new, jo):  # R38
    fields = {**NEW, "code_name": "Green Fern 12", "language": "en", "interpreter": ""}
    fields |= {"centre_id": jo.centre_ids[0], "keyworker_id": jo.id, "request_key": at_new.page.field("request_key")}
    first = at_new.post("/staff/clients/new", fields)
    second = at_new.post("/staff/clients/new", fields)
    assert (first.status, second.location) == (303, first.location)
    assert "Green Fern 12" in at_new.get(second.location).text
    with make.session() as reading:
        assert len(reading.scalars(select(Client)).all()) == 1


def test_a_code_name_can_be_in_her_own_script(at_new):
    page = at_new.submit("/staff/clients/new", **NEW, code_name="قمر نهر ٢٣", language="ar")
    assert "قمر نهر ٢٣" in page.text
    assert client_by_code_name("قمر نهر 23") is not None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"code_name": "Blue Heron"}, "Use two plain words and a number"),
        ({"code_name": "Amal Heron 42"}, "The name she is called by must not be in it."),
        ({"code_name": "x" * 10000}, "That is too long."),
        ({"called_name": "🙂" * 10000}, "That is too long."),
        ({"called_name": "  "}, "Fill this in."),
        ({"somebody_must_not_know": None}, "Answer this question."),
        ({"somebody_must_not_know": "these"}, "Tick who must not know."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(at_new, typed, words):
    fields = {**NEW, **typed}
    if typed == {"called_name": "  "}:
        fields["access"] = "Step-free"
    page = at_new.submit("/staff/clients/new", **fields)
    assert page.status == 422
    assert words in page.text
    assert page.field("called_name") == fields["called_name"]
    assert page.find_all("a", href="#" + summary_target(page))
    with make.session() as reading:
        assert reading.scalars(select(Client)).all() == []


def summary_target(page) -> str:
    links = [link.get("href") for link in page.find_all("div", id="faults")[0].iter() if link.get("href")]
    ids = {node.get("id") for node in page.tree.iter()}
    assert links and all(link[1:] in ids for link in links)
    return links[0][1:]


def test_who_must_not_know_has_no_default(at_new):  # R29
    assert not [field for field in at_new.page.find_all("input", type="radio") if field.get("checked") is not None]


def test_a_taken_code_name_is_refused_however_it_is_written(at_new, jo):
    make.client(jo, code_name="Blue Heron 42")
    page = at_new.submit("/staff/clients/new", **NEW, code_name="blue-heron 42")
    assert page.status == 422
    assert "Somebody has this code name." in page.text


def test_for_somebody_who_must_not_know_her_record_is_not_there(at_new, jo, new_page_client):  # R29
    centre = make.session.get(make.Centre, jo.centre_ids[0])
    ana = make.staff("keyworker", centre, first_name="Ana")
    at_new.get("/staff/clients/new")
    at_new.submit(
        "/staff/clients/new",
        **NEW | {"somebody_must_not_know": "these"},
        code_name="Green Fern 12",
        must_not_know=ana.id,
    )
    client = client_by_code_name("Green Fern 12")
    other = new_page_client()
    assert "Amal" not in sign_in.staff_at(other, ana, "/staff/clients").text
    for page in ("safe-contact", "setup-code", "keyworker"):
        assert other.get(f"/staff/clients/{client.id}/{page}").status == 404
    assert not [entry for entry in audited("client_read") if entry.actor_id == ana.id]


def test_a_caseload_shows_what_is_next_and_what_is_due(page_client, jo, travel):
    rose, may = make.client(jo, called_name="Rose"), make.client(jo, called_name="May")
    make.safe_contact(rose)
    appointment(rose, make.london(make.monday(), "10:00"))
    appointment(rose, travel.to("2026-11-27 10:00"), attendance="yes")
    travel.to("2026-12-01 10:00")
    page = sign_in.staff_at(page_client, jo, "/staff/clients")
    rows = {row[0]: row for row in table(page)}
    assert rows["Rose"][3:] == ["4 days ago", "Mon 7 Dec, 10:00", "asked"]
    assert rows["May"][3:] == ["none yet", "none", "never asked"]
    assert [row[0] for row in table(page_client.get("/staff/clients?due=1"))] == ["May"]
    assert may.called_name not in page_client.page.title  # R28
    assert audited("caseload_read")  # R30


def table(page) -> list[list[str]]:
    from tests.support.pages import XHTML, words

    rows = [[words(cell) for cell in row.iter(XHTML + "td")] for row in page.find_all("tr")]
    return [row for row in rows if len(row) > 1]


def test_a_keyworker_sees_her_own_first_then_her_centre_and_no_other(page_client, jo):
    centre = make.session.get(make.Centre, jo.centre_ids[0])
    make.client(make.staff("keyworker", centre), called_name="Adel")
    make.client(jo, called_name="Zoe")
    elsewhere = make.client(called_name="Hidden")
    page = sign_in.staff_at(page_client, jo, "/staff/clients")
    assert [row[0] for row in table(page)] == ["Zoe", "Adel"]
    assert [row[0] for row in table(page_client.get("/staff/clients?mine=1"))] == ["Zoe"]
    assert table(page_client.get(f"/staff/clients?centre={elsewhere.centre_id}")) == []
    assert page_client.get("/staff/clients?centre=🙂").status == 200
    assert page_client.get(f"/staff/clients/{elsewhere.id}/safe-contact").status == 404


def test_a_longer_caseload_asks_the_database_no_more_often(page_client, jo):
    make.client(jo)
    sign_in.staff_at(page_client, jo, "/staff/clients")

    def queries() -> int:
        asked = []
        event.listen(database.engine(), "before_cursor_execute", lambda *_: asked.append(1), named=False)
        page_client.get("/staff/clients")
        return len(asked)

    few = queries()
    for _ in range(6):
        make.safe_contact(make.client(jo))
    asked = queries()
    assert asked == few


class TestDesk:
    @pytest.fixture
    def sam(self, jo, travel):
        return make.staff("receptionist", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Sam")

    def test_finds_who_is_booked_within_seven_days_by_the_whole_name_only(self, page_client, jo, sam, travel):  # R28
        rose = make.client(jo, called_name="Rose Example", code_name="Blue Heron 42")
        make.safe_contact(rose, number="+447700900123")
        appointment(rose, make.london(make.monday(), "10:00"))
        sign_in.staff_at(page_client, sam, "/staff/find")
        for words in ("rose example", "blue-heron 42", "0123"):
            page = page_client.post("/staff/find", {"q": words})
            assert "Mon 7 Dec, 10:00" in page.text, words
            assert "Rose" not in page.title
        for words in ("Rose", "Heron", "123", "", "x" * 10000, "🙂", "%"):
            assert "Mon 7 Dec" not in page_client.post("/staff/find", {"q": words}).text, words

    def test_finds_nobody_else(self, page_client, jo, sam, travel):  # R28, R29
        later, elsewhere, hidden, gone = (make.client(jo, called_name=name) for name in ("Lea", "Eva", "Ida", "Ada"))
        appointment(later, make.london(make.monday(), "10:00").replace(day=9))
        appointment(elsewhere, make.london(make.monday(), "10:00"), centre=make.centre())
        appointment(hidden, make.london(make.monday(), "10:00"))
        appointment(gone, make.london(make.monday(), "11:00"), state="cancelled")
        with unit_of_work():
            make.session.add(Restriction(client_id=hidden.id, staff_id=sam.id, since_at=travel.now))
        sign_in.staff_at(page_client, sam, "/staff/find")
        for client in (later, elsewhere, hidden, gone):
            page = page_client.post("/staff/find", {"q": client.called_name})
            assert "Nobody with this name" in page.text
            assert page_client.get(f"/staff/clients/{client.id}/setup-code").status == 404

    def test_every_search_is_logged_without_its_words(self, page_client, jo, sam):  # R10, R28
        rose = make.client(jo, called_name="Rose Example")
        appointment(rose, make.london(make.monday(), "10:00"))
        sign_in.staff_at(page_client, sam, "/staff/find")
        page_client.post("/staff/find", {"q": "rose example"})
        page_client.post("/staff/find", {"q": "nobody"})
        assert [entry.reason for entry in audited("desk_search")] == ["found 1", "found 0"]
        assert [entry.client_id for entry in audited("client_read")] == [rose.id]

    def test_opens_no_record(self, page_client, jo, sam):  # R28
        client = make.client(jo)
        sign_in.staff_at(page_client, sam, "/staff/find")
        for page in ("/staff/clients", "/staff/clients/new", f"/staff/clients/{client.id}/safe-contact"):
            assert page_client.get(page).status == 403, page
        assert page_client.post(f"/staff/clients/{client.id}/prove-number").status == 403
