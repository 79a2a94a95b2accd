"""Templates: checked when they are saved, shown as they will stand on her screen, chosen in the composer."""

import pytest
from sqlalchemy import select

from portal.core import clock, locales
from portal.core.database import session, unit_of_work
from portal.messaging import templates
from portal.messaging.desk_models import TextTemplate
from tests.messaging.talk import address, texts
from tests.support import make, sign_in

ARABIC = "موعدك يوم الخميس الساعة العاشرة. نراك هناك."


@pytest.fixture
def worker(app, travel):
    return make.staff("keyworker", make.centre("Willow House"))


@pytest.fixture
def browser(page_client, worker):
    sign_in.as_staff(page_client, worker)
    return page_client


def saved() -> list[TextTemplate]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(TextTemplate).order_by(TextTemplate.id)))


def make_template(worker, body="See you on Thursday.", language="en", title="Thursday") -> TextTemplate:
    with unit_of_work():
        return templates.save_template(
            worker.actor, None, title=title, language=language, body=body, words=(), now=clock.now()
        )


def test_a_template_is_added_and_shown_as_it_will_stand_on_her_screen(browser):
    browser.get("/staff/templates/new?language=en")
    page = browser.submit(
        "/staff/templates/new", title="Thursday", body="See you “Thursday” – all being well, at the usual time"
    )
    assert page.address.endswith("/staff/templates?language=en")
    assert 'See you "Thursday" - all being well, at the usual time' in page.text
    assert 'See you "Thursday" - all being well, at ' in page.text, "the first 40 letters stand on the locked screen"
    assert "54 letters, 1 part" in page.text


def test_an_arabic_template_is_counted_in_its_own_letters_and_runs_its_own_way(browser, worker):
    make_template(worker, ARABIC, "ar")
    page = browser.get("/staff/templates?language=ar")
    assert f"{len(ARABIC)} letters, 1 part" in page.text
    [shown, locked] = [node for node in page.find_all("p", dir="auto") if ARABIC[:20] in (node.text or "")][:2]
    assert locked.text == ARABIC[:40]
    assert shown.text == ARABIC


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("The police rang", "“police”"),
        ("Your solicitor rang", "“solicitor”"),
        ("Come to Willow House", "“Willow House”"),
        ("Ask for Example", "“Example”"),
        ("Jo is in today", "“Jo”"),
        ("look at a.org", "“a.org”"),
        ("We are at NW1 4AB", "“NW1 4AB”"),
        ("a" * 161, "too long for a template"),
        ("م" * 135, "too long for a template"),
        ("", "Write something first"),
    ],
)
def test_what_no_text_may_carry_is_no_template(browser, body, said):  # R20, R21
    browser.get("/staff/templates/new")
    page = browser.submit("/staff/templates/new", title="Words", body=body)
    assert page.status == 422
    assert said in page.text
    assert saved() == []


@pytest.mark.parametrize(("body", "parts"), [("a" * 160, "160 letters, 1 part"), ("م" * 134, "134 letters, 2 parts")])
def test_the_longest_that_may_be(browser, body, parts):  # R21
    browser.get("/staff/templates/new")
    assert parts in browser.submit("/staff/templates/new", title="Words", body=body).text


def test_looking_first_saves_nothing(browser):
    browser.get("/staff/templates/new")
    page = browser.submit("/staff/templates/new", title="", body="The police rang", press=("preview", "1"))
    assert page.status == 200
    assert "A text may not carry: “police”" in page.text
    assert saved() == []


def test_pressed_twice_it_is_one_template(browser):
    browser.get("/staff/templates/new")
    key = browser.page.field("request_key")
    for _ in range(2):
        fields = {"title": "A", "language": "en", "body": "Hello", "request_key": key}
        assert browser.post("/staff/templates/new", fields).status == 303
    assert len(saved()) == 1


def test_it_is_changed_put_away_and_taken_out_again(browser, worker):
    row = make_template(worker)
    browser.get(f"/staff/templates/{row.id}")
    assert "See you on Friday." in browser.submit(f"/staff/templates/{row.id}", body="See you on Friday.").text
    page = browser.submit(f"/staff/templates/{row.id}/archive")
    assert "not in use" in page.text
    page = browser.submit(f"/staff/templates/{row.id}/archive", press=("back", "1"))
    assert "not in use" not in page.text
    assert [found.body for found in saved()] == ["See you on Friday."]


@pytest.mark.parametrize("template_id", ["0", "99", "99999999999999999999", "x"])
def test_odd_ids_are_not_there(browser, worker, template_id):
    client = make.client(worker)
    assert browser.get(f"/staff/templates/{template_id}").status == 404
    assert browser.post(f"/staff/templates/{template_id}/archive").status == 404
    assert browser.get(f"{address(client)}?template={template_id}").status == 404


def test_in_the_composer_hers_come_first_and_english_ones_are_marked(browser, worker):
    client = make.client(worker, language="ar")
    make.safe_contact(client)
    make_template(worker, title="English words")
    make_template(worker, ARABIC, "ar", "Arabic words")
    make_template(worker, language="so", title="Somali words")
    page = browser.get(address(client))
    assert [node.get("label") for node in page.find_all("optgroup")] == ["In Arabic", "In English"]
    assert [node.text for node in page.find_all("option")] == ["Arabic words", "English words"]


def test_a_chosen_template_fills_the_box_and_can_be_changed(browser, worker):
    client = make.client(worker, language="ar")
    make.safe_contact(client)
    row = make_template(worker, ARABIC, "ar")
    page = browser.get(f"{address(client)}?template={row.id}")
    [box] = page.find_all("textarea")
    assert (box.text.strip(), box.get("dir")) == (ARABIC, "auto")
    assert f"{len(ARABIC)} letters, 1 part" in page.text
    assert texts() == []
    browser.submit(address(client))
    assert [text.body for text in texts()] == [ARABIC]


def test_what_goes_by_itself_stands_below_in_each_wording(browser):
    page = browser.get("/staff/templates")
    assert "Appointment Wed 2 Dec 10:00am. Reply 1 if coming, 2 to change it, 3 for a call." in page.text
    assert "Nails Wed 2 Dec 10:00am." in page.text
    assert "subaxnimo" in browser.get("/staff/templates?language=so").text
    locales.offer(())
    assert "Texts that go by themselves" not in browser.get("/staff/templates?language=so").text


@pytest.mark.parametrize("role", ["receptionist", "admin", "referrer"])
def test_only_who_writes_texts_sees_templates(page_client, app, travel, role):  # R28
    sign_in.as_staff(page_client, make.staff(role, make.centre()))
    for path in ("/staff/templates", "/staff/templates/new", "/staff/templates/1"):
        assert page_client.get(path).status == 403
        assert page_client.post("/staff/templates/preview", {"body": "x"}).status == 403
