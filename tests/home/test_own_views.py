"""Her own page and the pages about herself: calm, small, and with nothing there that she does not want there."""

import re
from datetime import timedelta

import brotli
import pytest

from portal.audit import service as audit
from portal.booking import texts
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import tasks
from portal.messaging import service as messaging
from portal.messaging.models import Text
from portal.sms.gateway import gateway_for
from tests.booking import desk as desks
from tests.diversion import referrals
from tests.plan import plans
from tests.support import make, sign_in
from tests.support.measures import statements, without_tokens

MOST_QUERIES = 8
MOST_BYTES = 3 * 1024


@pytest.fixture
def desk(app, travel):
    return desks.open_desk(shows_worker_name=False)


def message(client: Client, body: str, number: int = 0) -> None:
    with unit_of_work():
        messaging.write_message(
            plans.keyworker(client), client.id, body=body, request_key=f"message-{number}", now=clock.now()
        )


def put(client: Client, **values) -> None:
    """Change switches on her record."""
    with unit_of_work():
        row = session.get_one(Client, client.id)
        for name, value in values.items():
            setattr(row, name, value)


def looked(client: Client, role: str, name: str = "Jo", action: str = "client_read") -> None:
    person = make.staff(role, first_name=name)
    with unit_of_work():
        audit.record(person.actor, action, now=clock.now(), client_id=client.id)


def everything(desk, marker: str = "zanzibarquill") -> Client:
    """A woman with data of every sensitive class, all her switches off."""
    client = desk.client
    make.safe_contact(client, number="+447700900321")
    message(client, f"{marker} message")
    looked(client, "keyworker")
    referrals.referral(client, reference="ZANZI-77321")
    hidden = plans.goal(client, "abuse", f"{marker} sensitive")
    plans.action(client, hidden, f"{marker} hidden step", days=0)
    return client


def test_with_nothing_yet_she_is_told_so_and_can_book(page_client, desk):
    page = sign_in.as_client(page_client, desk.client)
    assert page.address == "/today"
    assert "You have no appointment yet." in page.text
    assert page.links()["Book an appointment"] == "/appointments/new"
    assert "Your next step" not in page.text
    assert "again" not in page.text
    assert "We read messages Monday to Friday, 9 to 5." in page.text


def test_her_next_appointment_stands_there_in_words(page_client, desk):
    desks.book(desk, "14:30")
    page = sign_in.as_client(page_client, desk.client)
    assert "Thursday 3 December half past 2 in the afternoon (2:30pm)" in page.text
    assert desk.centre.name in page.text
    assert "50 minutes" in page.text
    appointment = session.query(Appointment).one()
    assert page.links()["See, change or cancel this"] == f"/appointments/{appointment.id}"


def test_the_soonest_of_several_stands_there_and_a_cancelled_one_does_not(page_client, desk):
    desks.cancel(desks.book(desk, "09:00", actor=desk.jo.actor), actor=desk.jo.actor, reason="ill")
    desks.book(desk, "15:00", actor=desk.jo.actor)
    desks.book(desk, "11:00", actor=desk.jo.actor)
    page = sign_in.as_client(page_client, desk.client)
    assert "11:00am" in page.text and "3:00pm" not in page.text and "9:00am" not in page.text


def test_on_the_day_itself_it_says_today_until_the_appointment_is_over(page_client, desk, travel):
    desks.book(desk, "14:30")
    travel.to("2026-12-03 15:12")
    page = sign_in.as_client(page_client, desk.client)
    assert "Today half past 2" in page.text
    travel.to("2026-12-03 15:20")
    assert "You have no appointment yet." in page_client.get("/today").text


@pytest.mark.parametrize(
    ("wall_time", "words"),
    [("2026-10-25 08:00", "Today half past 2"), ("2026-10-24 23:30", "Sunday 25 October half past 2"),
     ("2027-03-28 08:00", "Today half past 2"), ("2027-03-27 23:30", "Sunday 28 March half past 2")],
)  # fmt: skip
def test_on_a_clock_change_sunday_the_day_is_londons(page_client, desk, travel, wall_time, words):
    now = travel.to(wall_time)
    on = clock.london_today(now + timedelta(hours=1)) if "23:30" in wall_time else clock.london_today(now)
    with unit_of_work():
        session.add(
            Appointment(
                client_id=desk.client.id, kind_id=desk.kind.id, centre_id=desk.centre.id, worker_id=desk.jo.id,
                starts_at=make.london(on, "14:30"), ends_at=make.london(on, "15:20"),
                booked_by_kind="staff", booked_by_id=desk.jo.id, booked_at=now,
            )
        )  # fmt: skip
    assert words in sign_in.as_client(page_client, desk.client).text


def test_a_workers_name_stands_there_only_if_she_chose_so(page_client, desk):  # R16
    desks.book(desk, "14:30")
    page = sign_in.as_client(page_client, desk.client)
    assert "Jo" not in page.html
    assert "You will see your worker" in page.text and "See your worker again" in page.text
    put(desk.client, shows_worker_name=True)
    page = page_client.get("/today")
    assert "You will see Jo" in page.text and "See Jo again" in page.text


def test_see_her_again_is_one_press_from_the_times(page_client, desk, travel):
    desks.book(desk, "14:30")
    page = sign_in.as_client(page_client, desk.client)
    again = page_client.get(page.links()["See your worker again"], follow=True)
    assert again.find_all("a") and "/appointments" in again.address


def test_nothing_sensitive_stands_on_the_first_page_even_with_every_switch_on(page_client, desk):  # R16
    client = everything(desk)
    plans.state(client)
    put(client, messages_online=True, safe_contact_online=True, seen_by_online=True, report_online=True,
        sensitive_goals_online=True, safety_plan_online=True, shows_worker_name=True)  # fmt: skip
    page = sign_in.as_client(page_client, client)
    assert "1 new message" in page.text
    assert "zanzibarquill" not in page.html and "900321" not in page.html and "brambleknot" not in page.html


def test_her_next_step_is_the_soonest_of_hers_that_is_not_sensitive(page_client, desk):  # R16
    client = everything(desk)
    goal = plans.goal(client)
    plans.action(client, goal, "Ring the gas company", days=9)
    plans.action(client, goal, "Find your letters", days=2)
    plans.action(client, goal, "What the worker does", doer="worker", days=1)
    assert "Find your letters" not in sign_in.as_client(page_client, client).text, "a draft is not shown to her"
    plans.state(client)
    page = page_client.get("/today")
    assert "Find your letters" in page.text and "By Thursday 3 December" in page.text
    assert "Ring the gas company" not in page.text
    plans.state(client, "closed")
    assert "Your next step" not in page_client.get("/today").text


def test_new_messages_are_counted_until_she_opens_them(page_client, desk):
    put(desk.client, messages_online=True)
    message(desk.client, "Hello", 1)
    message(desk.client, "Hello again", 2)
    page = sign_in.as_client(page_client, desk.client)
    assert page.links()["2 new messages"] == "/messages"
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    assert "new message" not in page_client.get("/today").text


def without_cookie(headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Set-Cookie"}


OWN_PAGES = ("/today", "/me", "/messages", "/me/safe-contact", "/me/seen-by", "/me/report", "/plan")
MORE = ("/plan?more=1", "/plan/words", "/messages?x=1", "/sign-in", "/sign-in/text", "/set-up", "/language", "/privacy")


def every_page_of_hers(app) -> list[str]:
    """Every page behind her sign-in that has one address; no new page gets past the comparison of bytes."""
    found = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
        and not rule.arguments
        and getattr(app.blueprints.get(rule.endpoint.split(".")[0]), "audience", None) == "client"
    ]
    assert set(OWN_PAGES) | {"/kept", "/me/signed-in", "/me/passcode", "/step-up", "/stay"} <= set(found), found
    return sorted(found)


def bare(page, client: Client) -> str:
    """A page without tokens, and without the ids of rows, which differ however little a woman has."""
    html = without_tokens(page.html).replace(client.code_name, "…")
    html = re.sub(r'(name="(?:session|version)" value=)"\d+"', r"\1N", html)
    return re.sub(r'(href="/plan/earlier/)\d+', r"\1N", html)


def test_switched_off_every_page_of_hers_is_that_of_a_woman_without_such_data(
    app, page_client, new_page_client, desk
):  # R41
    hers, nobodys = everything(desk), make.client(desk.jo, desk.centre)
    record = make.safe_contact(hers, number="+447700900321", code_by_text=True, names_worker=True, auto_reply=True)
    assert record.code_by_text
    for client in (hers, nobodys):
        plans.state(client)
    other = new_page_client()
    for client, browser in ((hers, page_client), (nobodys, other)):
        sign_in.as_client(new_page_client(), client)
        sign_in.as_client(browser, client)
    for stepped_up in (False, True):
        for address in (*every_page_of_hers(app), *MORE):
            one, two = page_client.get(address), other.get(address)
            assert (one.status, one.location) == (two.status, two.location), address
            assert bare(one, hers) == bare(two, nobodys), address
            assert without_cookie(one.headers) == without_cookie(two.headers), address
            assert not any(hers in one.html for hers in ("zanzibarquill", "900321", "77321"))
        if not stepped_up:
            for browser in (page_client, other):
                browser.get("/step-up")
                sign_in.step_up(browser)


def test_switched_off_the_main_pages_are_there_for_both(page_client, new_page_client, desk):  # R41
    hers, nobodys = everything(desk), make.client(desk.jo, desk.centre)
    for client in (hers, nobodys):
        plans.state(client)
    other = new_page_client()
    sign_in.as_client(page_client, hers)
    sign_in.as_client(other, nobodys)
    for address in OWN_PAGES:
        one, two = page_client.get(address), other.get(address)
        assert (one.status, one.location) == (two.status, two.location) == (200, None), address
        assert without_tokens(one.html) == without_tokens(two.html), address
        assert without_cookie(one.headers) == without_cookie(two.headers), address
        assert "zanzibarquill" not in one.html


@pytest.mark.parametrize(
    ("switch", "address", "shows"),
    [("messages_online", "/messages", "zanzibarquill message"),
     ("safe_contact_online", "/me/safe-contact", "07700 900321"),
     ("seen_by_online", "/me/seen-by", "a worker"), ("report_online", "/me/report", "ZANZI-77321")],
)  # fmt: skip
def test_switched_on_each_asks_for_the_passcode_and_shows_what_there_is(
    page_client, desk, travel, switch, address, shows
):  # R16, R41
    client = everything(desk)
    put(client, **{switch: True})
    sign_in.as_client(page_client, client)
    assert page_client.get(address).location == "/step-up"
    page_client.get("/step-up")
    page = sign_in.step_up(page_client)
    assert page.address == address
    assert shows in page.text
    travel.forward(minutes=5)
    assert page_client.get(address).location == "/step-up", "it closes after five minutes"


def test_a_paused_woman_is_out_at_once(page_client, desk):  # R41
    sign_in.as_client(page_client, desk.client)
    put(desk.client, sign_in_paused=True)
    assert page_client.get("/today").location == "/sign-in"


def test_the_page_stays_small_and_asks_little_however_much_there_is(page_client, desk, travel):
    client = desk.client
    put(client, messages_online=True, shows_worker_name=True)
    desks.book(desk, "09:00", actor=desk.jo.actor)
    plans.action(client, plans.goal(client))
    message(client, "Hello", 1000)
    plans.state(client)
    sign_in.as_client(page_client, client)
    with statements() as few:
        page_client.get("/today")
    for number in range(12):
        desks.book(desk, "09:00", make.monday() + timedelta(days=2 + 7 * number), actor=desk.jo.actor)
        goal = plans.goal(client)
        for _ in range(3):
            plans.action(client, goal)
        message(client, "Hello", number)
    with statements() as many:
        page = page_client.get("/today")
    assert "13 new messages" in page.text
    assert len(many) == len(few) <= MOST_QUERIES, many


def test_her_page_with_everything_on_it_fits_in_3_kb(page_client, desk):
    client = desk.client
    put(client, messages_online=True, shows_worker_name=True)
    desks.book(desk, "14:30")
    plans.action(client, plans.goal(client), "Bring the letters from the council to your next appointment")
    plans.state(client)
    message(client, "Hello")
    sign_in.as_client(page_client, client)
    answer = page_client.client.get("/today", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.get_data()) <= MOST_BYTES
    assert "1 new message" in brotli.decompress(answer.get_data()).decode()


@pytest.mark.parametrize(
    ("address", "closes"), [("/today", True), ("/plan", True), ("/me", False), ("/messages", False)]
)
def test_without_script_a_page_without_a_form_goes_to_sign_in_when_time_is_over(
    page_client, desk, address, closes
):  # R15
    sign_in.as_client(page_client, desk.client)
    page = page_client.get(address)
    assert bool(page.forms()) is not closes
    assert page.headers.get("Refresh") == ("600; url=/sign-in?over=1" if closes else None)


@pytest.mark.parametrize("address", ["/", "/now", "/help", "/sign-in", "/language"])
def test_nobody_elses_page_goes_anywhere_by_itself(page_client, app, address):  # R15
    assert "Refresh" not in page_client.get(address).headers


def test_who_looked_is_told_by_role_and_day_never_by_name(page_client, desk, travel):  # R30
    client = desk.client
    put(client, seen_by_online=True)
    looked(client, "manager", "Wilhelmine")
    looked(client, "keyworker", "Josephira", "thread_read")
    looked(client, "keyworker", "Josephira", "plan_read")
    looked(make.client(), "receptionist", "Maybelline")
    travel.forward(days=1)
    looked(client, "receptionist", "Maybelline", "found_at_desk")
    with unit_of_work():
        audit.record(SYSTEM, "client_read", now=clock.now(), client_id=client.id)
        audit.record(Actor("client", client.id), "client_read", now=clock.now(), client_id=client.id)
    sign_in.as_client(page_client, client)
    page_client.get("/me/seen-by", follow=True)
    page = sign_in.step_up(page_client)
    items = [" ".join("".join(item.itertext()).split()) for item in page.find_all("ul", class_="list")[0]]
    assert sorted(item for item in items if item) == [
        "Tuesday 1 December: a manager. your page", "Tuesday 1 December: a worker. your plan and your messages",
        "Wednesday 2 December: reception. your name in a list",
    ]  # fmt: skip
    for name in ("Wilhelmine", "Josephira", "Maybelline", "Example"):
        assert name not in page.html


def test_she_sees_how_we_may_reach_her(page_client, desk):
    client = desk.client
    put(client, safe_contact_online=True)
    make.safe_contact(
        client, number="+447700900321", safe_hours=[{"day": 1, "from": "09:30", "to": "14:30"}], may_leave_message=True
    )
    sign_in.as_client(page_client, client)
    page_client.get("/me/safe-contact", follow=True)
    page = sign_in.step_up(page_client)
    assert "07700 900321" in page.text
    assert "Tuesday: 9:30am–2:30pm" in page.text
    assert "We may ring you. We may leave a message." in page.text
    assert "Tuesday 1 December" in page.text, "when she told us"


@pytest.mark.parametrize(
    "chosen",
    [{}, {"wording": "short"}, {"wording": "cover", "cover_phrase": "Library book"}, {"names_worker": True},
     {"text_language": "ar"}, {"may_reply": False}, {"text_language": "pl"}],
    ids=lambda chosen: "-".join(map(str, chosen.values())) or "plain",
)  # fmt: skip
def test_the_text_that_she_is_shown_is_the_text_that_is_sent(page_client, desk, travel, environ, chosen):
    client = desk.client
    put(client, safe_contact_online=True)
    make.safe_contact(client, **chosen)
    texts.register_texts()
    asked_on = clock.london_today(clock.now())
    desks.book(desk, "14:30", asked_on + timedelta(days=7), actor=desk.jo.actor)
    sign_in.as_client(page_client, client)
    page_client.get("/me/safe-contact", follow=True)
    shown = sign_in.step_up(page_client).find_all("blockquote")[0]
    travel.to("2026-12-07 12:00")
    settings = Settings.from_env(environ)
    for _ in range(2):
        tasks.every_minute(settings, gateway_for(settings))
        travel.forward(hours=3)
    sent = session.query(Text).filter_by(kind="appointment_reminder").one()
    assert "".join(shown.itertext()) == sent.body


def test_no_texts_means_no_sample(page_client, desk):
    put(desk.client, safe_contact_online=True)
    make.safe_contact(desk.client, may_text=False)
    sign_in.as_client(page_client, desk.client)
    page_client.get("/me/safe-contact", follow=True)
    page = sign_in.step_up(page_client)
    assert "We do not text you." in page.text
    assert not page.find_all("blockquote")


def test_she_ends_her_other_sessions_and_keeps_this_one(page_client, new_page_client, desk):  # R15
    elsewhere, stranger = new_page_client(), new_page_client()
    other = make.client(desk.jo, desk.centre)
    sign_in.as_client(elsewhere, desk.client)
    sign_in.as_client(stranger, other)
    sign_in.as_client(page_client, desk.client)
    page = page_client.get("/me")
    assert "You are also signed in at 1 other place." in page.text
    page = page_client.submit("/me/sign-out-others")
    assert page.address == "/me" and "You are signed in only here." in page.text
    assert elsewhere.get("/today").location == "/sign-in"
    assert stranger.get("/today").status == 200


def test_an_idle_session_elsewhere_is_not_counted(page_client, new_page_client, desk, travel):
    sign_in.as_client(new_page_client(), desk.client)
    travel.forward(minutes=11)
    sign_in.as_client(page_client, desk.client)
    assert "You are signed in only here." in page_client.get("/me").text


def test_a_language_that_is_not_offered_is_named_with_an_apology(page_client, only_english, travel):
    sign_in.as_client(page_client, make.client(language="pl"))
    page = page_client.get("/me")
    assert "Polski" in page.text and "Your language is not ready yet." in page.text
    assert page.find_all("html")[0].get("lang") == "en"
