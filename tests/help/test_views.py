"""The help pages as a woman meets them: signed in or not, with and without a database, by need, borough and hour."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
import textstat
from sqlalchemy import event

from portal.centres import bank_holidays
from portal.centres.models import Centre
from portal.clients.models import Client
from portal.core import database
from portal.core.banned import banned_in
from portal.core.database import session, unit_of_work
from portal.core.settings import BANNED_WORDS
from portal.help import service
from portal.help.models import Service
from portal.help.rules import digits, need_code
from portal.help.views import A_PART
from portal.worklist.models import Task
from tests.help.rows import file, row
from tests.support import make, sign_in


@pytest.fixture
def seeded(app, travel):
    with unit_of_work():
        service.seed(travel.now)
    return {entry.key: entry.id for entry in session.query(Service)}


def names(page) -> list[str]:
    return ["".join(node.itertext()).strip() for node in page.find_all("h3")]


def found(browser, query: str = "need=") -> list[str]:
    """The names of all services that fit, part by part, as she comes to them."""
    page, listed = browser.get(f"/help?{query}"), []
    while True:
        assert len(names(page)) <= A_PART
        listed += names(page)
        more = page.links().get("More services")
        if more is None:
            return listed
        page = browser.get(more)


def import_rows(now, *rows):
    actor = make.staff().actor
    with unit_of_work():
        service.import_csv(file(*rows), actor=actor, now=now)


def hrefs(page) -> list[str]:
    return [link.get("href") for link in page.find_all("a")]


# The emergency page


def test_the_emergency_page_says_how_to_get_help_without_talking(page_client):
    page = page_client.get("/now")
    assert page.title == "Get help now"
    for words in (
        "Cannot talk? Call 999 on a mobile. Listen. Press 55 when they ask.",
        "Pressing 55 does not tell them where you are.",  # R49
        "On a home phone there is no 55.",
        "You can text 999 only if you set that up before.",
        "To set it up: text the word register to 999.",
        "Calls and texts can show in your phone's list.",
        "Call 999Free. All day, all night.",
        "Text 999All day, all night. The text may cost money.",
    ):
        assert words in " ".join(page.text.split())
    for line in page.find_all("li"):
        assert "Free. All day, all night." in "".join(line.itertext())
    links = hrefs(page)
    for href in ("tel:999", "tel:08082000247", "tel:08085002222", "tel:116123", "sms:85258?&body=SHOUT", "tel:111"):
        assert href in links
    assert not page.find_all("a", class_="help")


NAMED_BY_RAPE_CRISIS = "08085002222"
"""Its own page could not be read when the directory was made, so there it waits for somebody to ring it."""


def test_every_number_of_the_emergency_page_is_a_verified_one(page_client, seeded):
    numbers = {
        digits(re.split(r"[:?]", href)[1]) for href in hrefs(page_client.get("/now")) if href[:4] in ("tel:", "sms:")
    }
    verified = session.query(Service).filter_by(status="verified")
    known = {digits(number) for entry in verified for number in (entry.phone, entry.sms)}
    assert numbers <= known | {NAMED_BY_RAPE_CRISIS}


def test_the_emergency_page_names_the_centre_of_a_woman_who_is_signed_in(page_client, new_page_client, travel):
    client = make.client()
    client_id, centre_id = client.id, client.centre_id
    with unit_of_work():
        session.get(Centre, centre_id).phone = "020 7946 0001"
    assert "020 7946 0001" not in page_client.get("/now").text
    known = new_page_client()
    sign_in.as_client(known, session.get(Client, client_id))
    page = known.get("/now")
    assert "tel:02079460001" in hrefs(page)
    assert "Costs the same as a normal call. Open today: 9:00am–5:00pm" in page.text
    travel.to("2026-12-06 10:00")  # a Sunday
    sign_in.as_client(known, session.get(Client, client_id))
    assert "Costs the same as a normal call. Closed today." in known.get("/now").text


def test_only_for_a_woman_who_is_signed_in_is_the_database_asked(app, page_client):  # R35
    statements = []
    event.listen(database.engine(), "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    page_client.get("/now")
    assert statements == []


def test_the_emergency_page_works_signed_in_with_the_database_gone(page_client, travel):  # R35
    client = make.client()
    sign_in.as_client(page_client, client)
    database.connect("postgresql+psycopg://127.0.0.1:1/nowhere")
    page = page_client.get("/now")
    assert (page.status, page.h1) == (200, "Get help now")
    assert page.links()["Back to my pages"] == "/today"


def test_the_directory_with_the_database_gone_still_shows_999(page_client, travel):  # R49
    sign_in.as_client(page_client, make.client())
    database.connect("postgresql+psycopg://127.0.0.1:1/nowhere")
    page = page_client.get("/help")
    assert page.status == 503
    assert "tel:999" in hrefs(page)


def test_a_database_that_never_answers_holds_nobody_for_long(page_client):  # R35, R49
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as other:
        database.connect(f"postgresql+psycopg://127.0.0.1:{silent.getsockname()[1]}/nowhere")
        page = other.submit(page_client.get, "/help").result(timeout=30)
    assert page.status == 503
    assert "tel:999" in hrefs(page)


def test_the_emergency_page_and_its_style_sheet_fit_into_7300_bytes(app):  # R35
    browser = app.test_client()
    fetched = [browser.get("/now", headers={"Accept-Encoding": "gzip, deflate, br"})]
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)">', _plain(fetched[0]))
    fetched += [browser.get(sheet, headers={"Accept-Encoding": "gzip, deflate, br"}) for sheet in sheets]
    assert len(sheets) == 1
    assert all(answer.headers["Content-Encoding"] == "br" for answer in fetched)
    assert "Set-Cookie" in fetched[0].headers
    assert sum(map(_on_the_wire, fetched)) <= 7300


def _plain(answer) -> str:
    import brotli

    return brotli.decompress(answer.data).decode()


def _on_the_wire(answer) -> int:
    """Status line, headers with those that the web server adds, and body, in bytes."""
    added = {"Server": "gunicorn", "Date": "Sun, 22 Nov 2026 05:11:00 GMT", "Connection": "keep-alive"}
    lines = [f"{name}: {value}\r\n" for name, value in [*answer.headers.items(), *added.items()]]
    return len(f"HTTP/1.1 {answer.status}\r\n\r\n") + len("".join(lines)) + len(answer.data)


# The directory


def test_it_is_the_same_page_signed_in_but_for_the_way_back(page_client, new_page_client, seeded, travel):
    stranger = page_client.get("/help")
    known = new_page_client()
    sign_in.as_client(known, make.client())
    page = known.get("/help")
    assert page.links()["Back to my pages"] == "/today"
    assert page.text.replace("Back to my pages", "").split() == stranger.text.split()


def test_it_is_read_in_two_queries(page_client, seeded):
    page_client.get("/help")
    statements = []
    event.listen(database.engine(), "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    page_client.get("/help?need=n6&borough=camden&open=1")
    assert len([words for words in statements if "SELECT" in words]) == 2, "services and bank holidays"


def test_what_nobody_confirmed_is_not_there(page_client, seeded):
    assert "National Domestic Abuse Helpline" in found(page_client)
    assert "Rape and Sexual Abuse Support Line" not in found(page_client)
    assert page_client.get(f"/help/{seeded['rcew']}").status == 404


def test_emergencies_stand_there_before_anything_is_asked_and_999_whatever_is(page_client, seeded):
    assert names(page_client.get("/help")) == ["999", "999, then press 55", "Text 999", "999 BSL"]
    for query in ("need=n12", "borough=lambeth", "need=n13&borough=camden&open=1", "need=&start=5"):
        page = page_client.get(f"/help?{query}")
        assert "tel:999" in hrefs(page) and "Press 55 when they ask." in page.text, query


def test_in_danger_each_says_the_least_and_its_own_page_the_rest(page_client, seeded):
    page = page_client.get("/help")
    assert "Cannot speak? Call 999 on a mobile. Listen. Then press 55." in page.text
    assert {"tel:999", "sms:999", "https://www.999bsl.co.uk"} <= set(hrefs(page))
    more = "If you do not press 55, the call ends."
    assert more not in page.text
    assert more in page_client.get(page.links()["999, then press 55"]).text


def test_one_that_is_closed_says_when_it_opens(page_client, travel):
    travel.to("2026-12-06 10:00")  # a Sunday
    weekdays = row(key="weekdays", name="Weekdays", phone="999", emergency="yes", hours="Mo-Fr 09:00-17:00")
    import_rows(travel.now, weekdays)
    assert "Closed now. Monday to Friday, 9am to 5pm." in page_client.get("/help").text
    travel.to("2026-12-07 10:00")
    assert "Monday" not in page_client.get("/help").text


def test_what_she_can_choose_by_comes_first_and_the_services_in_parts(page_client, seeded):
    choices = page_client.get("/help")
    assert "National Domestic Abuse Helpline" not in choices.text
    assert [button.text for button in choices.find_all("button")] == ["Show services"]
    everything = found(page_client)
    published = [entry.name for entry in session.query(Service).order_by(Service.position) if entry.published]
    assert everything == [name for name in published if name not in names(choices)] and len(everything) > 3 * A_PART
    assert choices.links()["Show all services"] == "/help?need="
    assert f"{len(everything)} services" in page_client.get("/help?need=").text


@pytest.mark.parametrize("start", ["-5", "x", "99999", "500", "٥", "5.0", "%00", ""])
def test_a_part_that_is_not_there_is_the_first(page_client, seeded, start):
    assert page_client.get(f"/help?need=&start={start}").body == page_client.get("/help?need=").body


def test_she_sees_what_she_chose_and_changes_it(page_client, seeded):
    page = page_client.get("/help?need=n6&borough=islington&language=&way=w1&open=1")
    assert "A place to live · Islington · Call · Open now" in page.text
    changing = page_client.get(page.links()["Change what you look for"])
    chosen = [option.get("value") for option in changing.find_all("option") if option.get("selected") is not None]
    assert chosen == ["n6", "islington", "w1"]
    assert changing.find_all("input", name="open")[0].get("checked") is not None


def test_more_keeps_to_what_she_chose(page_client, seeded):
    page = page_client.get("/help?need=&borough=islington&language=&way=w1")
    assert page.links()["More services"] == f"/help?need=&borough=islington&way=w1&start={A_PART}"


def test_she_filters_by_need(page_client, seeded):
    money = found(page_client, f"need={need_code('money')}")
    assert "StepChange" in money and "Samaritans" not in money


def test_she_filters_by_borough_and_keeps_what_serves_all_london(page_client, seeded):
    islington = found(page_client, "borough=islington")
    assert "Islington Housing Aid" in islington and "Samaritans" in islington
    assert "The Gaia Centre" not in islington


def test_she_filters_by_language(page_client, seeded):
    page = page_client.get("/help")
    options = {"".join(option.itertext()): option.get("lang") for option in page.find_all("option")}
    assert (options["Español"], options["Português"], options["with an interpreter"]) == ("es", "pt", None)
    spanish = found(page_client, "language=es")
    assert "Latin American Women's Rights Service" in spanish and "Samaritans" not in spanish


def test_she_filters_by_how_she_wants_to_reach_them(page_client, travel):
    import_rows(
        travel.now,
        row(key="rings", name="Rings"),
        row(key="texts", name="Texts", phone="", sms="85258"),
        row(key="chats", name="Chats", phone="", bill_note="", web="https://example.org", access="webchat"),
        row(key="door", name="Door", phone="", bill_note="", web="https://example.org", access="in-person"),
    )
    ways = {"w1": "Rings", "w2": "Texts", "w3": "Chats", "w4": "Door"}
    assert {way: names(page_client.get(f"/help?way={way}")) for way in ways} == {way: [ways[way]] for way in ways}


def test_the_card_to_print_has_an_empty_front_and_known_numbers(page_client, seeded):
    page = page_client.get("/help/card")
    front, back = page.find_all("section", class_="card slip")
    assert "no-print" in page.find_all("h1")[0].get("class"), "the card alone comes on paper"
    assert "".join(front.itertext()).strip("\u00a0 \n") == ""
    for number in ("999", "0808 2000 247", "116 123", "85258", "111"):
        assert number in "".join(back.itertext())
    assert not banned_in("".join(back.itertext()), BANNED_WORDS)
    assert page_client.get("/help").links()["A small card to print"] == "/help/card"


def test_nobody_waits_for_a_worker_to_ring_999(page_client, seeded, travel):
    sign_in.as_client(page_client, make.client())
    for entry in session.query(Service).filter_by(emergency=True, published=True):
        assert "/ask/" not in " ".join(page_client.get(f"/help/{entry.id}").links().values())
        assert page_client.get(f"/ask/{entry.id}").status == 404
    assert "/ask/" in " ".join(page_client.get(f"/help/{seeded['ndah']}").links().values())


def test_she_asks_her_worker_to_call_a_service_with_her(page_client, seeded, travel):
    client = make.client()
    sign_in.as_client(page_client, client)
    page = page_client.get(f"/help/{seeded['ndah']}")
    asking = page.links()["Ask my worker to call them with me"]
    for _ in range(2):  # pressed twice, asked once
        page_client.get(asking)
        asked = page_client.submit(asking)
        assert asked.h1 == "We have told your worker"
    (task,) = session.query(Task).filter_by(kind="reach_service_together")
    assert (task.client_id, task.owner_id) == (client.id, client.keyworker_id)
    assert task.note == "National Domestic Abuse Helpline"
    after = page_client.get(f"/help/{seeded['ndah']}")
    assert after.text == page.text  # nothing tells a reader of her phone that she asked


def test_a_stranger_is_not_offered_a_worker(page_client, seeded):
    assert "Ask my worker to call them with me" not in page_client.get(f"/help/{seeded['ndah']}").links()
    assert page_client.get(f"/ask/{seeded['ndah']}").location == "/sign-in"


@pytest.mark.parametrize(
    ("wall_time", "is_open"),
    [
        ("2026-12-01 10:00", True),
        ("2026-12-01 21:00", False),
        ("2026-12-05 10:00", False),  # a Saturday
        ("2026-12-25 10:00", False),  # nobody knows, so she is not sent to ring in vain
        ("2027-03-29 10:00", False),  # Easter Monday, the day after the clocks went forward
        ("2027-03-30 09:30", True),  # 08:30 UTC
        ("2026-10-26 09:30", True),  # the day after the clocks went back
        ("2026-10-26 17:15", False),
    ],
)
def test_she_filters_by_what_is_open_now(page_client, travel, wall_time, is_open):
    travel.to(wall_time)
    import_rows(travel.now, row(), row(key="always", name="Always", hours="24/7"), row(key="who-knows", hours=""))
    assert found(page_client, "open=1") == (["Example Line", "Always"] if is_open else ["Always"])


def test_on_a_bank_holiday_that_staff_added_nobody_knows_what_is_open(page_client, travel):
    import_rows(travel.now, row(), row(key="tells", name="Tells", hours="Mo-Fr 09:00-17:00; PH off"))
    manager = make.staff("manager", first_name="Frances").actor
    with unit_of_work():
        bank_holidays.add(manager, date(2026, 12, 2), "Coronation", now=travel.now)
    travel.to("2026-12-02 10:00")
    text = page_client.get("/help?need=").text
    assert (text.count("Check the times."), text.count("Closed now."), text.count("Open now.")) == (1, 1, 0)
    assert names(page_client.get("/help?open=1")) == []
    travel.to("2026-12-03 10:00")
    assert names(page_client.get("/help?open=1")) == ["Example Line", "Tells"]


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-10-25T00:45+00:00", True),  # 1:45 for the first time
        ("2026-10-25T01:45+00:00", True),  # and again, the clocks having gone back
        ("2026-10-25T02:15+00:00", False),
        ("2027-03-28T00:45+00:00", False),
        ("2027-03-28T01:15+00:00", False),  # 2:15: the hour from 1 to 2 never was
    ],
)
def test_in_the_night_of_a_clock_change_the_wall_clock_counts(page_client, travel, instant, is_open):
    import_rows(travel.now, row(hours="Su 01:30-02:00", hours_note="Sunday, 1:30am to 2am."))
    travel.now = datetime.fromisoformat(instant)
    assert names(page_client.get("/help?open=1")) == (["Example Line"] if is_open else [])


@pytest.mark.parametrize(
    ("wall_time", "words"),
    [
        ("2026-12-01 10:00", "Open now."),
        ("2026-12-01 18:00", "Closed now."),
        ("2026-12-25 10:00", "Check the times."),
    ],
)
def test_each_entry_says_whether_it_is_open_and_always_its_hours(page_client, travel, wall_time, words):
    travel.to(wall_time)
    import_rows(travel.now, row())
    assert f"{words} Monday to Friday, 9am to 5pm." in page_client.get("/help?need=").text


@pytest.mark.parametrize(
    "query",
    [
        "need=n99",
        "need=abuse",
        "borough=atlantis",
        "open=perhaps",
        "language=xx",
        "way=w9",
        "way=phone",
        "need=" + "x" * 10_000,
        "need=%00&borough=🙂",
    ],
)
def test_an_unknown_filter_is_as_if_it_were_not_there(page_client, seeded, query):
    everything = page_client.get("/help?need=")
    page = page_client.get(f"/help?{query}")
    assert page.status == 200
    assert page.body == everything.body


def test_what_is_no_filter_is_not_looked_at(page_client, seeded):
    assert page_client.get("/help?a=b&start=5").body == page_client.get("/help").body


def test_no_address_on_the_way_holds_a_banned_word(page_client, seeded):  # R7
    page = page_client.get("/help")
    options = [option.get("value") for option in page.find_all("option")]
    addresses = [f"/help?need={value}&borough={value}&language={value}&way={value}&open=1" for value in options]
    parts = [page, *(page_client.get(address) for address in addresses)]
    addresses += [href for part in parts for href in hrefs(part) if href.startswith("/")]
    assert not [address for address in addresses if banned_in(address, BANNED_WORDS)]
    fields = [node.get("name") for tag in ("input", "select") for node in page.find_all(tag)]
    assert set(fields) == {"need", "borough", "language", "way", "open"}
    for key in ("ndah", "southwark-refuge", "police-101", "wip"):
        page_client.get(f"/help/{seeded[key]}")  # the page client checks titles


def test_what_calls_leave_behind_is_said_before_any_number(page_client, seeded):
    for address in (f"/help?need={need_code('abuse')}", f"/help/{seeded['ndah']}"):
        text = page_client.get(address).text
        assert text.index("can show on your phone and on bills") < text.index("0808 2000 247"), address


@pytest.mark.parametrize("query", ["need=n16", "need=n2&borough=camden", "open=1&way=w3"])
def test_999_without_talking_is_one_step_away_whatever_she_asks_for(page_client, seeded, query):
    links = page_client.get(f"/help?{query}").links()
    for key, name in (("text-999", "Text 999"), ("999-bsl", "999 BSL")):
        assert links[name] == f"/help/{seeded[key]}"


def test_a_service_of_one_borough_says_so_where_its_words_do_not(page_client, travel):
    import_rows(
        travel.now,
        row(boroughs="Camden;Islington"),
        row(key="named", name="Help in Lambeth", boroughs="Lambeth;Southwark", audience="Women"),
        row(key="all", name="All London"),
    )
    text = page_client.get("/help?need=").text
    assert "For: Camden, Islington" in text
    assert "For: Women Southwark" in text
    assert text.count("For:") == 2


def test_staff_who_look_are_not_offered_a_worker(page_client, seeded):
    sign_in.as_staff(page_client, make.staff())
    assert "Ask my worker to call them with me" not in page_client.get(f"/help/{seeded['ndah']}").links()


def test_when_nothing_fits_she_is_met_kindly(page_client, seeded, travel):
    travel.to("2026-12-06 03:00")
    page = page_client.get(f"/help?need={need_code('work')}&open=1")
    assert "We found no service like that" in page.text
    assert "That is not your fault." in page.text
    assert page.links()["Show all services"] == "/help?need="


def test_one_entry_says_all_that_is_known(page_client, seeded):
    page = page_client.get(f"/help/{seeded['samaritans']}")
    assert "Talk to someone about anything, any time." in page.text
    assert page.links()["116 123"] == "tel:116123"
    assert "Open now. Open all day, every day." in page.text
    assert "Free. The service says calls are not on bills. They can still show in the phone's call list." in page.text
    text = page_client.get(f"/help/{seeded['shout']}")
    assert text.links()["Text SHOUT to 85258"] == "sms:85258?&body=SHOUT"
    assert not [href for href in hrefs(text) if href.startswith("tel:")]
    assert "not on bills" not in text.text
    web = page_client.get(f"/help/{seeded['lawrs']}")
    assert "Other languages: Spanish, Portuguese" in web.text
    (link,) = [link for link in web.find_all("a") if urlsplit(link.get("href")).netloc]
    assert (link.get("href"), link.get("rel"), link.get("target")) == ("https://lawrs.org.uk", "noreferrer", None)


def test_text_999_is_never_a_call_and_never_ready_written(page_client, seeded):
    page = page_client.get(f"/help/{seeded['text-999']}")
    assert [href for href in hrefs(page) if href.startswith(("tel:", "sms:"))] == ["sms:999"]
    setting_up = page_client.get(f"/help/{seeded['text-999-register']}")
    assert "sms:999?&body=register" in hrefs(setting_up)


@pytest.mark.parametrize("wrong", ["0", "99999", "99999999999999999999", "abc", "1e3", "-1"])
def test_an_entry_that_is_not_there_is_a_clear_page(page_client, seeded, wrong):
    page = page_client.get(f"/help/{wrong}")
    assert page.status == 404
    assert "tel:999" in hrefs(page)


def test_imported_text_is_only_text(page_client, travel):
    evil = "<script>alert(1)</script>\"'><img src=x>"
    import_rows(travel.now, row(name=evil, helps_with=evil, hours_note=evil, audience=evil, sms="85258", sms_say=evil))
    for page in (page_client.get("/help?need="), page_client.get("/help/1")):
        assert evil in page.text
        assert not page.find_all("img")
        assert len(page.find_all("script")) == 1


def test_in_arabic_the_entries_are_marked_as_english_and_numbers_run_left_to_right(page_client, seeded):
    page = page_client.get("/help", headers={"Accept-Language": "ar"})
    assert page.find_all("html")[0].get("dir") == "rtl"
    name = page.find_all("h3")[0].find(".//*[@lang]")
    assert (name.get("lang"), name.get("dir")) == ("en", "ltr")
    assert [node.get("dir") for node in page.find_all("bdi")] == ["ltr"] * len(page.find_all("bdi"))


def test_after_leaving_the_help_pages_show_nothing(page_client, seeded):  # R3
    page_client.get("/leave")
    for address in ("/now", "/help", f"/help/{seeded['ndah']}"):
        assert page_client.get(address).location == "/"


def test_our_own_words_are_short_and_plain(page_client, travel):  # R36
    pages = [page_client.get("/now"), page_client.get("/help"), page_client.get("/help?open=1")]
    pages.append(page_client.get(f"/help?need={need_code('work')}"))
    for page in pages:
        blocks = [
            " ".join("".join(node.itertext()).split())
            for tag in ("h1", "h2", "p")
            for node in page.find_all(tag)
            if node.get("class") != "field"
        ]
        sentences = [words for block in blocks for words in re.split(r"(?<=[.?!])\s+", block) if words]
        assert max(len(words.split()) for words in sentences) <= 20
        assert textstat.flesch_kincaid_grade(". ".join(sentences)) <= 5


def test_headings_go_down_one_step_at_a_time(page_client, seeded):
    for address in ("/help", "/help?need="):
        page = page_client.get(address)
        levels = [int(node.tag[-1]) for node in page.tree.iter() if re.search(r"\}h[1-6]$", str(node.tag))]
        assert all(after - before <= 1 for before, after in pairwise(levels))
