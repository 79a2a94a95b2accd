"""The directory in the back office: confirming, hiding, editing, importing with every fault named, exporting."""

import io

import pytest

from portal.core.database import session, unit_of_work
from portal.help import service
from portal.help.models import Service
from tests.help.rows import file, row
from tests.support import make, sign_in


@pytest.fixture
def jo(page_client, travel):
    """A browser in which a keyworker is signed in."""
    sign_in.as_staff(page_client, make.staff())
    return page_client


@pytest.fixture
def entry_id(jo, travel) -> int:
    actor = make.staff().actor
    with unit_of_work():
        service.import_csv(file(row(status="third-party")), actor=actor, now=travel.now)
    return session.query(Service.id).scalar()


def one() -> Service:
    session.expire_all()
    return session.query(Service).one()


def upload(browser, content: bytes | str, address: str = "/staff/help/import"):
    content = content.encode() if isinstance(content, str) else content
    browser.get(address)
    key = browser.page.field("request_key")
    return browser.post(address, {"file": (io.BytesIO(content), "list.csv"), "request_key": key})


def test_a_call_publishes_and_hiding_takes_it_away_again(jo, new_page_client, entry_id):
    her = new_page_client()
    assert "Hidden" in jo.get("/staff/help").text
    assert her.get(f"/help/{entry_id}").status == 404
    page = jo.submit(f"/staff/help/{entry_id}/confirm")
    assert "Checked Tue 1 Dec 2026 by Jo, again by Mon 1 Mar 2027" in page.text
    assert "Saved." in page.html
    assert her.get(f"/help/{entry_id}").status == 200
    jo.submit(f"/staff/help/{entry_id}/hide")
    assert her.get(f"/help/{entry_id}").status == 404
    jo.submit(f"/staff/help/{entry_id}/show")
    assert her.get(f"/help/{entry_id}").status == 200


def test_the_parts_of_the_list(jo, entry_id, travel):
    assert "Example Line" in jo.get("/staff/help?show=hidden").text
    assert "There is nothing in this part." in jo.get("/staff/help?show=published").text
    jo.get("/staff/help")
    jo.submit(f"/staff/help/{entry_id}/confirm")
    assert "There is nothing in this part." in jo.get("/staff/help?show=due").text
    with unit_of_work():
        one().check_due_on = travel.now.date()
    assert "Check due" in jo.get("/staff/help?show=due").text
    assert "Example Line" in jo.get("/staff/help?show=nonsense").text


def test_editing_shows_faults_at_their_fields_and_keeps_what_was_typed(jo, entry_id):
    jo.get(f"/staff/help/{entry_id}")
    page = jo.submit(f"/staff/help/{entry_id}", phone="85258", web="http://example.org", name="Ørsted 🙂")
    assert page.status == 422
    assert "This number takes texts only, so it must not stand under phone." in page.text
    assert {"#phone", "#web"} <= set(page.links().values())
    assert (page.field("phone"), page.field("name")) == ("85258", "Ørsted 🙂")
    assert one().phone == "020 7946 0123"
    page = jo.submit(f"/staff/help/{entry_id}", phone="020 7946 0999", web="", checked="y", needs=["housing", "money"])
    assert page.address == "/staff/help"
    assert (one().phone, one().name, one().published, one().needs) == (
        "020 7946 0999", "Ørsted 🙂", True, ["housing", "money"],
    )  # fmt: skip


def test_a_new_number_that_nobody_rang_is_hidden_and_she_who_typed_it_is_told(jo, entry_id):
    jo.get("/staff/help")
    jo.submit(f"/staff/help/{entry_id}/confirm")
    jo.get(f"/staff/help/{entry_id}")
    page = jo.submit(f"/staff/help/{entry_id}", phone="020 7946 0999")
    assert "Women do not see this entry until somebody confirms it." in page.html
    assert not one().published


def test_adding_pressed_twice_makes_one(jo):
    fields = {name: value for name, value in row().items() if name != "needs" and value} | {"needs": ["housing"]}
    fields["request_key"] = jo.get("/staff/help/new").field("request_key")
    for _ in range(2):
        assert jo.post("/staff/help/new", fields).location == "/staff/help"
    assert one().published
    fields["request_key"] = jo.get("/staff/help/new").field("request_key")
    page = jo.post("/staff/help/new", fields)
    assert page.status == 422
    assert "Another entry has this key." in page.text


def test_an_empty_or_endless_form_is_a_clear_page(jo):
    assert jo.get("/staff/help/new").status == 200
    page = jo.submit("/staff/help/new")
    assert page.status == 422
    assert page.text.count("Fill this in.") >= 5
    page = jo.submit("/staff/help/new", name="x" * 10_000, helps_with="\x00", key="é", hours="Mo " * 600)
    assert page.status == 422
    assert page.field("name") == "x" * 10_000
    assert session.query(Service).count() == 0


def test_a_file_is_looked_at_first_and_imported_once(jo):
    page = upload(jo, file(row(), row(key="second", status="third-party")))
    assert "2 new, 0 changed, 0 the same." in page.text
    assert session.query(Service).count() == 0
    text, key = page.field("text"), page.field("request_key")
    for _ in range(2):
        assert jo.post("/staff/help/import", {"text": text, "request_key": key}).location == "/staff/help"
    assert session.query(Service).count() == 2


def test_the_whole_seed_goes_through_the_browser(jo):
    page = upload(jo, service.SEED.read_bytes())
    assert "67 new" in page.text
    page = jo.submit("/staff/help/import", text=page.field("text"))
    assert (page.status, page.address) == (200, "/staff/help")
    assert session.query(Service).count() == 67


def test_every_fault_of_a_file_is_named_and_nothing_is_imported(jo):
    page = upload(jo, file(row(name="x" * 10_000), row(key="second", phone="85258", source="")))
    assert page.status == 422
    for words in ("Line 2, name: this is too long.", "Line 3, phone: this number takes texts only", "Line 3, source:"):
        assert words in page.text
    assert session.query(Service).count() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a CSV file that is not empty."),
        (b"\xff\xfe\x00", "The file is not UTF-8."),
        (b"x" * (301 * 1024), "The file is larger than 300 kB."),
        (b"\x00\x00", "it holds letters that no CSV file has. Save it as “CSV UTF-8”"),
        (b"<script>alert(1)</script>,x\ny,z", "<script>alert(1)</script>: this column is not known."),
    ],
)
def test_what_is_no_directory_is_refused_in_words(jo, content, words):
    page = upload(jo, content)
    assert page.status == 422
    assert words in page.text


def test_a_huge_request_is_refused_whole(jo):
    assert upload(jo, b"x" * (600 * 1024)).status == 413


def test_the_export_has_a_neutral_name_and_comes_back_unchanged(jo, entry_id):
    page = jo.get("/staff/help/export")
    assert page.headers["Content-Disposition"] == "attachment; filename=directory.csv"  # R7
    assert page.headers["Cache-Control"] == "no-store"
    page = upload(jo, page.body)
    assert "0 new, 0 changed, 1 the same." in page.text


ADDRESSES = (
    ("get", "/staff/help"),
    ("get", "/staff/help/new"),
    ("get", "/staff/help/export"),
    ("get", "/staff/help/import"),
    ("get", "/staff/help/{}"),
    ("post", "/staff/help/{}"),
    ("post", "/staff/help/{}/confirm"),
    ("post", "/staff/help/{}/hide"),
    ("post", "/staff/help/{}/show"),
)


def test_only_those_who_may_edit_help_come_in(new_page_client, entry_id):
    stranger, desk, her = new_page_client(), new_page_client(), new_page_client()
    sign_in.as_staff(desk, make.staff("receptionist", make.centre(), first_name="Sam"))
    sign_in.as_client(her, make.client())
    for method, address in ADDRESSES:
        address = address.format(entry_id)
        assert getattr(desk, method)(address).status == 403, address
        assert getattr(stranger, method)(address).location == "/staff/sign-in", address
        assert getattr(her, method)(address).location == "/staff/sign-in", address
    assert not one().published


def test_entries_that_are_not_there_are_404(jo, entry_id):
    for method, address in ADDRESSES[4:]:
        assert getattr(jo, method)(address.format(999_999)).status == 404
        assert getattr(jo, method)(address.format(2**70)).status == 404


def test_showing_what_nobody_confirmed_is_refused(jo, entry_id):
    jo.get("/staff/help")
    assert jo.post(f"/staff/help/{entry_id}/show").status == 409
    assert not one().published


def test_two_who_edit_at_once_see_each_other_s_words_before_one_wins(jo, new_page_client, entry_id):
    sam = new_page_client()
    sign_in.as_staff(sam, make.staff(first_name="Sam"))
    for browser in (jo, sam):
        browser.get(f"/staff/help/{entry_id}")
    sam.submit(f"/staff/help/{entry_id}", hours_note="Sam's times.")
    page = jo.submit(f"/staff/help/{entry_id}", hours_note="Jo's times.")
    assert page.status == 422
    assert "Somebody changed this entry while you had it open." in page.text
    theirs = ["".join(node.itertext()) for tag in ("dt", "dd") for node in page.find_all(tag)]
    assert theirs == ["Opening hours and other rules in plain words", "Sam's times."]
    assert (page.field("hours_note"), one().hours_note) == ("Jo's times.", "Sam's times.")
    jo.submit(f"/staff/help/{entry_id}")
    assert one().hours_note == "Jo's times."


def test_who_rang_the_old_number_confirms_nothing(jo, new_page_client, entry_id):
    jo.get("/staff/help")
    sam = new_page_client()
    sign_in.as_staff(sam, make.staff(first_name="Sam"))
    sam.get(f"/staff/help/{entry_id}")
    sam.submit(f"/staff/help/{entry_id}", phone="020 7946 0999")
    page = jo.submit(f"/staff/help/{entry_id}/confirm")
    assert "Not confirmed: somebody changed this entry meanwhile." in page.html
    assert not one().published


def test_the_preview_names_numbers_that_change(jo, entry_id):
    page = upload(jo, file(row(status="third-party", phone="020 7946 0999")))
    assert "Another number or address: example-line" in page.text


def test_a_change_pressed_twice_is_one_change_and_no_fault(jo, entry_id):  # R38
    page = jo.get(f"/staff/help/{entry_id}")
    kept = {"request_key": page.field("request_key"), "seen": page.field("seen")}
    fields = {name: value for name, value in row(hours_note="New times.").items() if name not in ("key", "needs")}
    fields = {name: value for name, value in fields.items() if value} | {"needs": ["housing"], **kept}
    for _ in range(2):
        assert jo.post(f"/staff/help/{entry_id}", fields).status == 303
    assert one().hours_note == "New times."


def test_who_works_through_what_is_due_stays_there_and_sees_what_goes_when(jo, travel):
    actor = make.staff().actor
    with unit_of_work():
        rows = row(), row(key="late", name="Late Line"), row(key="later", name="999", emergency="yes")
        service.import_csv(file(*rows), actor=actor, now=travel.now)
    days = {"example-line": 20, "late": 12, "later": 14}
    with unit_of_work():
        for entry in session.query(Service):
            entry.check_due_on = travel.now.date().replace(month=11, day=days[entry.key])
    page = jo.get("/staff/help?show=due")
    assert page.text.index("Late Line") < page.text.index("Example Line"), "what leaves first stands first"
    assert "Women stop seeing it on Sat 12 Dec" in page.text
    assert page.text.count("Women stop seeing it on") == 2, "999 never leaves"
    late = session.query(Service.id).filter_by(key="late").scalar()
    page = jo.submit(f"/staff/help/{late}/confirm")
    assert page.address == "/staff/help?show=due"
    assert "Saved. Late Line: checked by you, again by Mon 1 Mar 2027." in page.html
    assert page.text.count("Women stop seeing it on") == 1


def test_the_list_says_who_checked_and_when(jo, new_page_client, entry_id):
    sam = new_page_client()
    sign_in.as_staff(sam, make.staff(first_name="Sam"))
    sam.get("/staff/help")
    sam.submit(f"/staff/help/{entry_id}/confirm")
    assert "Checked Tue 1 Dec 2026 by Sam, again by Mon 1 Mar 2027" in jo.get("/staff/help").text


def test_what_somebody_changed_after_the_look_is_shown_before_a_file_writes_over_it(jo, new_page_client, entry_id):
    page = upload(jo, file(row(status="third-party", hours_note="From the file.")))
    fields = {name: page.field(name) for name in ("text", "request_key", "seen")}
    sam = new_page_client()
    sign_in.as_staff(sam, make.staff(first_name="Sam"))
    sam.get(f"/staff/help/{entry_id}")
    sam.submit(f"/staff/help/{entry_id}", phone="020 7946 0999", checked="y")
    page = jo.post("/staff/help/import", fields)
    assert page.status == 422
    assert "Somebody changed the directory meanwhile." in page.text
    assert "Another number or address: example-line" in page.text
    assert one().phone == "020 7946 0999"
    again = fields | {"request_key": page.field("request_key"), "seen": page.field("seen")}
    for _ in range(2):
        assert jo.post("/staff/help/import", again).location == "/staff/help"
    assert one().phone == "020 7946 0123"


def test_nobody_is_led_to_ring_or_text_999_to_try_it(jo, travel):
    actor = make.staff().actor
    rows = (
        row(key="call", phone="999", emergency="yes"),
        row(key="set-up", phone="", sms="999", sms_say="register"),
        row(key="texts", phone="", sms="85258"),
        row(key="line"),
        row(key="page", phone="", bill_note="", web="https://example.org"),
    )
    with unit_of_work():
        service.import_csv(file(*rows), actor=actor, now=travel.now)
    page = jo.get("/staff/help")
    said = ["".join(button.itertext()) for button in page.find_all("button") if "it is right" in button.text]
    assert said == ["I looked it up, it is right"] * 3 + ["I rang, it is right", "I opened it, it is right"]
    assert "never ring or text 999 to try it" in page.text


def test_two_services_of_one_name_are_named_before_they_are_imported(jo, entry_id):
    page = upload(jo, file(row(status="third-party"), row(key="again", name="example line"), row(key="c", name="C")))
    assert "Women would see two services of one name: example line." in page.text
    assert "two services of one name" not in upload(jo, file(row(name="New"), row(key="c", name="C"))).text


def test_after_an_import_she_is_told_what_it_did_and_what_is_left_to_do(jo):
    page = upload(jo, file(row(), row(key="second", name="Second", status="third-party")))
    fields = {name: page.field(name) for name in ("text", "request_key", "seen")}
    jo.post("/staff/help/import", fields)
    page = jo.get("/staff/help")
    assert "Saved. 2 new, 0 changed. What is hidden waits until somebody has rung or opened it." in page.html


def test_a_key_that_somebody_took_at_the_same_moment_is_a_fault_at_its_field(jo, entry_id, monkeypatch):
    monkeypatch.setattr(service, "_by_key", dict)
    jo.get("/staff/help/new")
    fields = {name: value for name, value in row().items() if name != "needs" and value}
    page = jo.submit("/staff/help/new", **fields, needs=["housing"])
    assert (page.status, "Another entry has this key." in page.text) == (422, True)
    assert page.field("name") == "Example Line"
