"""Joining two records as a manager does it, and where the merged one is looked for afterwards."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.backoffice import merging
from portal.clients.merge_models import ClientMerge
from portal.core import clock
from portal.core.database import session, unit_of_work
from tests.backoffice import two_records
from tests.support import make, sign_in


@pytest.fixture
def house(app, travel):
    house = two_records.open_house()
    two_records.live(house.kept)
    two_records.live(house.merged, day=1)
    house.file, house.other_file = (f"/staff/clients/{client.id}" for client in (house.kept, house.merged))
    house.merge = f"{house.file}/merge/{house.merged.id}"
    house.names = {client.id: client.code_name for client in (house.kept, house.merged)}
    make.session.refresh(house.frances)  # so that she stays readable after the browser's requests
    return house


@pytest.fixture
def manager(house, page_client):
    sign_in.staff_at(page_client, house.frances, house.file)
    return page_client


def joined(house) -> ClientMerge:
    with unit_of_work():
        return merging.merge(house.frances.actor, house.kept.id, house.merged.id, now=clock.now())


def rows(model) -> list:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


def test_found_by_code_name_shown_side_by_side_joined_and_parted(house, manager):
    page = manager.get(manager.page.links()["Join another record"])
    assert "Rose" not in page.title  # R28
    page = manager.submit(page.address, code_name=house.names[house.merged.id].lower().replace(" ", "-"))
    assert page.address == house.merge
    assert "Rose" not in page.title
    for words in (
        "Rosie",
        "Mon 7 Dec, 11:00 with Jo",
        "Tue 8 Dec, 11:00 with Ana",
        "no text leaves until she was asked",
    ):
        assert words in page.text, words
    assert page.text.count("moves") >= 11
    read = [(entry.client_id, entry.subject) for entry in rows(AuditEntry) if entry.subject == "merge"]
    assert {client_id for client_id, _ in read} == {house.kept.id, house.merged.id}  # R30
    page = manager.submit(house.merge)
    assert (page.status, "Tick this first." in page.text) == (422, True)
    page = manager.submit(house.merge, sure="y")
    assert page.address == house.file
    assert f"{house.names[house.merged.id]} went on in this record: Frances, Tue 1 Dec 10:00" in page.text
    (merge,) = rows(ClientMerge)
    assert merge.moved["rows"]["texts"]
    page = manager.submit(f"{house.file}/merges/{merge.id}/undo")
    assert "Parted again." in page.html and "went on in this record" not in page.text
    assert manager.get(house.other_file).status == 200


def test_pressed_twice_it_is_joined_once(house, manager):  # R38
    page = manager.get(house.merge)
    fields = {"sure": "y", "request_key": page.field("request_key")}
    assert [manager.post(house.merge, fields).location for _ in range(2)] == [house.file] * 2
    assert len(rows(ClientMerge)) == 1


def test_who_comes_second_is_told(house, manager):
    page = manager.get(house.merge)
    key = page.field("request_key")
    merge_id = joined(house).id
    page = manager.post(house.merge, {"sure": "y", "request_key": key}, follow=True)
    assert (page.address, "joined or closed one of these records meanwhile" in page.html) == (house.file, True)
    undo = f"{house.file}/merges/{merge_id}/undo"
    assert "Parted again." in manager.post(undo, follow=True).html
    assert "Somebody parted these records before." in manager.post(undo, follow=True).html


def test_pages_of_the_merged_record_lead_to_the_kept_one(house, manager):
    joined(house)
    for page in ("", "/messages", "/safe-contact", "/plan", "/keyworker", "/merge"):
        assert manager.get(house.other_file + page).location == house.file + page
    assert manager.post(f"{house.other_file}/switches").status == 404
    text = manager.get("/staff/clients").text
    assert "Rose" in text and "Rosie" not in text


def test_who_sees_only_the_other_centre_finds_neither(house, page_client):  # R29
    joined(house)
    sign_in.staff_at(page_client, house.ana, house.other_file)
    assert page_client.page.status == 404


def test_what_keeps_them_apart_is_said_before_and_there_is_no_button(house, manager):
    two_records.appointment(house.kept, make.london(make.monday(), "13:00"))
    two_records.appointment(house.merged, make.london(make.monday(), "13:30"))
    page = manager.get(house.merge)
    assert "Both records have an appointment at the same time." in page.text
    assert not [form for form in page.forms() if "merge" in (form.get("action") or house.merge) and
                "Join them" in "".join(form.itertext())]  # fmt: skip
    fields = {"sure": "y", "request_key": "k"}
    assert manager.post(house.merge, fields).status == 422
    assert rows(ClientMerge) == []


@pytest.mark.parametrize("code_name", ["Nobody 1", "", "x" * 10000, "🙂"])
def test_a_name_that_fits_no_record_is_said(house, manager, code_name):
    manager.get(f"{house.file}/merge")
    assert manager.submit(f"{house.file}/merge", code_name=code_name).status == 422


def test_nor_herself_a_closed_one_or_one_that_is_not_hers_to_see(house, manager):  # R29
    two_records.must_not_know(hidden := make.client(house.jo, house.centre), house.frances)
    closed = make.client(house.jo, house.centre, state="closed")
    others = {house.names[house.kept.id]: "That is this record.", hidden.code_name: "No open record",
              closed.code_name: "No open record", make.client().code_name: "No open record"}  # fmt: skip
    ids = [hidden.id, closed.id, house.kept.id, 0, 999, 2**31, 2**40, "x"]
    for code_name, words in others.items():
        manager.get(f"{house.file}/merge")
        page = manager.submit(f"{house.file}/merge", code_name=code_name)
        assert (page.status, words in page.text) == (422, True), words
    for other_id in ids:
        assert manager.get(f"{house.file}/merge/{other_id}").status == 404
        assert manager.post(f"{house.file}/merges/{other_id}/undo").status == 404


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "admin", "referrer"])
def test_nobody_else_joins_records(house, page_client, role):
    sign_in.staff_at(page_client, make.staff(role, house.centre, first_name="Sam"), f"{house.file}/merge")
    assert page_client.page.status == 403
    assert page_client.get(house.merge).status == 403
    assert page_client.post(f"{house.file}/merges/1/undo").status == 403


class TestHerself:
    def test_signed_in_while_it_happens_she_is_signed_out_and_her_old_name_opens_nothing(  # R14
        self, house, page_client
    ):
        code_name = house.names[house.merged.id]
        sign_in.as_client(page_client, house.merged)
        assert page_client.submit("/step-up", passcode=make.PASSCODE).address == "/kept"
        joined(house)
        assert page_client.get("/appointments").location == "/sign-in"
        page_client.get("/sign-in")
        assert page_client.submit("/sign-in", code_name=code_name, passcode=make.PASSCODE).status == 422
        page_client.get("/sign-in")
        page_client.submit("/sign-in", code_name=house.names[house.kept.id], passcode=make.PASSCODE)
        assert page_client.submit("/step-up", passcode=make.PASSCODE).address == "/kept"
        page = page_client.get("/appointments")
        assert ("7 December" in page.text, "8 December" in page.text) == (True, True)

    def test_parted_again_her_old_name_opens_its_own_record(self, house, page_client):
        code_name = house.names[house.merged.id]
        row = joined(house)
        with unit_of_work():
            merging.undo(house.frances.actor, house.kept.id, row.id, now=clock.now())
        page_client.get("/sign-in")
        page_client.submit("/sign-in", code_name=code_name, passcode=make.PASSCODE)
        assert page_client.submit("/step-up", passcode=make.PASSCODE).address == "/kept"


def test_her_copy_follows_the_kept_record_and_holds_what_stayed_behind(house, app, tmp_path):  # R34
    joined(house)
    session.remove()
    for code_name in house.names.values():
        done = app.test_cli_runner().invoke(args=["client", "export", code_name, "--to", str(tmp_path)])
        copy = json.loads(Path(done.output.strip()).read_text(encoding="utf-8"))
        assert copy["you"]["code_name"] == house.names[house.kept.id]
        assert len(copy["safe_contacts"]) == len(copy["appointments"]) == len(copy["referrals"]) == 2
    with make.session() as reading:
        made = [entry.client_id for entry in reading.scalars(select(AuditEntry)) if entry.action == "copy_made"]
    assert made == [next(iter(house.names))] * 2
    report = app.test_cli_runner().invoke(args=["client", "report", house.names[max(house.names)], "--json"])
    assert len(json.loads(report.output)["reports"]) == 2
