"""A code by text: a way in only for who chose it, while her record allows that text, and never all the way (R13)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.accounts import service as accounts
from portal.accounts.models import SignedIn, TextCode
from portal.accounts.rules import MOST_CODE_TEXTS_A_DAY
from portal.audit.models import AuditEntry
from portal.backoffice.put_at_risk import put_at_risk
from portal.clients.models import Client, ClientState, OptOut
from portal.core import clock, crypto
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.jobs import sending, tasks
from portal.messaging import transcript
from portal.messaging.models import SendingStop, Text
from portal.sms.gateway import SendRefused
from portal.web.guards import SETTINGS
from portal.worklist.models import Task
from tests.messaging.conftest import ListGateway
from tests.support import make, sign_in
from tests.support.measures import statements, without_tokens

NUMBER = "+447700900321"


@pytest.fixture
def environ(environ):
    return environ | {"PORTAL_SMS_PER_SECOND": "1000"}


@pytest.fixture
def gateway():
    return ListGateway()


@pytest.fixture
def work(app, gateway):
    """One beat of the worker, as far as codes go."""

    def work():
        tasks.make_text_codes()
        sending.send_due(app.extensions[SETTINGS], gateway, "w", sleep=lambda seconds: None)
        session.remove()

    return work


@pytest.fixture
def she(app, travel):
    client = make.client()
    make.safe_contact(client, number=NUMBER, code_by_text=True)
    return client


def ask(browser, code_name: str):
    browser.get("/sign-in/text?again=1")
    return browser.submit("/sign-in/text", code_name=code_name)


def asked(browser, client, work, gateway) -> str:
    """Ask for a code in a browser; gives what the text brought."""
    before = len(gateway.sent)
    ask(browser, client.code_name)
    work()
    assert len(gateway.sent) == before + 1
    return gateway.sent[-1][1]


def type_in(browser, code: str, **further):
    browser.get("/sign-in/text")
    return browser.submit("/sign-in/text", code=code, **further)


def put(client, **values) -> None:
    with unit_of_work():
        row = session.get_one(Client, client.id)
        for name, value in values.items():
            setattr(row, name, value)


def all_of(model):
    session.remove()
    return list(session.scalars(select(model).order_by(model.id)))


def test_the_text_is_six_digits_and_nothing_else_and_lets_her_in(page_client, she, work, gateway):  # R13 R20
    code = asked(page_client, she, work, gateway)
    assert re.fullmatch(r"[0-9]{6}", code)
    assert gateway.sent == [(NUMBER, code)]
    page = type_in(page_client, f" {code[:3]} {code[3:]} ")
    assert page.address == "/today"
    assert [(row.kind, row.by_text) for row in all_of(SignedIn)] == [("own", True)]


def test_what_is_asked_for_says_who_asked_no_more_than_it_knows(page_client, she, work, gateway):
    asked(page_client, she, work, gateway)
    entry = next(entry for entry in all_of(AuditEntry) if entry.action == "code_by_text_made")
    assert entry.actor_kind == "system", "whoever asked need not be her"


def test_a_code_of_any_keyboard_and_on_a_shared_phone(page_client, she, work, gateway):  # R15
    code = asked(page_client, she, work, gateway)
    arabic = code.translate({ord(str(digit)): "٠١٢٣٤٥٦٧٨٩"[digit] for digit in range(10)})
    assert type_in(page_client, arabic, shared="y").address == "/today"
    assert [row.kind for row in all_of(SignedIn)] == ["shared"]


def _stop(she):
    with unit_of_work():
        session.add(SendingStop(stopped_at=clock.now(), why="x", women_only=True))


def _opt_out(she):
    with unit_of_work():
        session.add(OptOut(number_index=crypto.keyring().index("phone", NUMBER), opted_out_at=clock.now()))


NOT_ALLOWED = {
    "not_chosen": lambda she: make.safe_contact(she, number=NUMBER),
    "no_texts": lambda she: make.safe_contact(she, number=NUMBER, code_by_text=True, may_text=False),
    "not_proved": lambda she: make.safe_contact(she, number=NUMBER, code_by_text=True, proved_at=None),
    "no_sign": lambda she: make.safe_contact(
        she, number=NUMBER, code_by_text=True, sign_at=clock.now() - timedelta(days=61)
    ),
    "check_overdue": lambda she: make.safe_contact(
        she, number=NUMBER, code_by_text=True, check_again_on=clock.london_today(clock.now())
    ),
    "put_at_risk": lambda she: make.safe_contact(she, number=NUMBER, code_by_text=True, stopped_at=clock.now()),
    "her_pause": lambda she: make.safe_contact(
        she, number=NUMBER, code_by_text=True, pause_until=clock.now() + timedelta(days=1)
    ),
    "outside_hours": lambda she: make.safe_contact(
        she, number=NUMBER, code_by_text=True, safe_hours=[{"day": 1, "from": "18:00", "to": "19:00"}]
    ),
    "opted_out": _opt_out,
    "texts_off": _stop,
    "sign_in_paused": lambda she: put(she, sign_in_paused=True),
    "closed": lambda she: put(she, state=ClientState.CLOSED),
}


@pytest.mark.parametrize("why", NOT_ALLOWED)
def test_without_her_record_no_text_goes_and_the_answers_are_those_to_anybody(
    new_page_client, she, work, gateway, why
):  # R13 R14 R18 R19
    NOT_ALLOWED[why](she)
    code_name = session.get_one(Client, she.id).code_name
    answers = []
    for name in (code_name, "Nobody Here 99"):
        browser = new_page_client()
        browser.get("/sign-in/text")
        with statements() as asking:
            first = browser.submit("/sign-in/text", code_name=name)
        work()
        with statements() as typing:
            second = browser.submit("/sign-in/text", code="123456")
        pages = [(page.status, page.address, without_tokens(page.html)) for page in (first, second)]
        answers.append((pages, asking, typing))
    assert answers[0] == answers[1], "pages and all that the database was asked"
    assert answers[0][0][1][0] == 422
    assert gateway.sent == []
    assert all_of(Task) == [], "nobody is asked to tell her a code"


def test_chosen_and_allowed_the_pages_and_the_database_are_asked_the_same(new_page_client, she, work, gateway):  # R14
    answers = []
    for name in (she.code_name, "Nobody Here 99"):
        browser = new_page_client()
        browser.get("/sign-in/text")
        with statements() as asking:
            first = browser.submit("/sign-in/text", code_name=name)
        work()
        with statements() as typing:
            second = browser.submit("/sign-in/text", code="x")
        answers.append(([without_tokens(page.html) for page in (first, second)], asking, typing))
    assert len(gateway.sent) == 1
    assert answers[0] == answers[1]


def test_it_works_once_in_the_browser_that_asked_and_for_ten_minutes(
    page_client, new_page_client, she, work, gateway, travel
):
    code = asked(page_client, she, work, gateway)
    other = new_page_client()
    assert type_in_anywhere(other, code).status == 422, "who reads it on her phone cannot use it elsewhere"
    ask(other, she.code_name)
    assert type_in(other, code).status == 422
    code = asked(page_client, she, work, gateway)
    cookie = page_client.client.get_cookie("week").value
    assert type_in(page_client, code).address == "/today"
    page_client.client.set_cookie("week", cookie)
    assert type_in(page_client, code).status == 422, "once"
    code = asked(page_client, she, work, gateway)
    travel.forward(minutes=10)
    assert type_in(page_client, code).status == 422


def type_in_anywhere(browser, code: str):
    browser.get("/sign-in/text")
    return browser.post("/sign-in/text", {"code": code})


def test_after_five_wrong_tries_the_right_code_is_refused(page_client, she, work, gateway):  # R14
    code = asked(page_client, she, work, gateway)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        assert type_in(page_client, wrong).status == 422
    assert type_in(page_client, code).status == 422


def _worker(she):
    return session.get_one(make.Staff, session.get_one(Client, she.id).keyworker_id).actor


def _stopped(she, browser):
    with unit_of_work():
        put_at_risk(_worker(she), she.id, now=clock.now())


def _new_passcode(she, browser):
    client = session.get_one(Client, she.id)
    with unit_of_work():
        code = accounts.make_setup_code(_worker(she), client, how="in_person", now=clock.now())
        accounts.set_passcode(client.id, code, "hash", now=clock.now())


def _leave(she, browser):
    cookie = browser.client.get_cookie("week").value
    browser.get("/leave")
    browser.client.delete_cookie("left")
    browser.client.set_cookie("week", cookie)


ENDS = {
    "leave": _leave,
    "put_at_risk": _stopped,
    "new_passcode": _new_passcode,
    "sign_in_paused": lambda she, browser: put(she, sign_in_paused=True),
    "closed": lambda she, browser: put(she, state=ClientState.CLOSED),
    "new_number": lambda she, browser: make.safe_contact(she, number="+447700900322", code_by_text=True),
    "taken_away": lambda she, browser: make.safe_contact(she, number=NUMBER),
    "opted_out": lambda she, browser: _opt_out(she),
}


@pytest.mark.parametrize("what", ENDS)
def test_a_code_that_is_on_its_way_dies(page_client, she, work, gateway, what):  # R2 R13 R47
    code = asked(page_client, she, work, gateway)
    ENDS[what](she, page_client)
    assert type_in(page_client, code).status == 422
    assert all_of(SignedIn) == []


def test_a_newer_code_ends_the_older(page_client, new_page_client, she, work, gateway):
    first, other = asked(page_client, she, work, gateway), new_page_client()
    second = asked(other, she, work, gateway)
    assert type_in(page_client, first).status == 422
    assert type_in(other, second).address == "/today"


def test_so_many_texts_a_day_and_no_more(new_page_client, she, work, gateway, travel):  # R14 R27
    for number in range(MOST_CODE_TEXTS_A_DAY + 2):
        ask(new_page_client(), she.code_name)
        work()
        travel.forward(minutes=16 if number % 3 == 2 else 1)
    assert len(gateway.sent) == MOST_CODE_TEXTS_A_DAY
    travel.forward(hours=24)
    ask(new_page_client(), she.code_name)
    work()
    assert len(gateway.sent) == MOST_CODE_TEXTS_A_DAY + 1


def test_asking_is_limited_by_account_in_the_database(new_page_client, she, work, gateway):  # R14
    for _ in range(12):
        page = ask(new_page_client(), she.code_name)
        assert page.status == 200
    assert [row.ended_at is None for row in all_of(TextCode)] == [True] * 10 + [False] * 2


def test_a_worker_that_comes_late_sends_nothing(page_client, she, work, gateway, travel):  # R19
    ask(page_client, she.code_name)
    travel.forward(minutes=5)
    work()
    assert gateway.sent == [] and all_of(Text) == []


def test_a_busy_network_is_asked_again_only_while_it_is_of_use(page_client, she, work, gateway, travel):  # R19
    gateway.faults += [SendRefused(20429, final=False)] * 9
    ask(page_client, she.code_name)
    for _ in range(8):
        work()
        travel.forward(minutes=1)
    text = all_of(Text)[0]
    assert (text.state, text.reason) == ("skipped", "too_late")
    assert gateway.sent == [] and all_of(Task) == []
    assert (text._body, text._facts) != (None, None)
    travel.forward(minutes=3)
    work()
    assert (all_of(Text)[0]._body, all_of(Text)[0]._facts) == (None, None)


@pytest.mark.parametrize("why", ["her_pause", "not_chosen", "texts_off", "put_at_risk"])
def test_it_is_looked_at_again_when_it_leaves(page_client, she, work, gateway, app, why):  # R18
    ask(page_client, she.code_name)
    tasks.make_text_codes()
    NOT_ALLOWED[why](session.get_one(Client, she.id))
    work()
    assert gateway.sent == []
    assert [text.state for text in all_of(Text)] == ["skipped"]
    assert all_of(Text)[0].reason
    assert all_of(Task) == []


def test_how_long_the_network_may_try_ends_with_its_use(page_client, she, work, gateway):
    asked(page_client, she, work, gateway)
    assert gateway.calls[0]["valid_for"] <= 300


def test_staff_never_read_the_digits_and_the_outbox_forgets_them(
    page_client, new_page_client, she, work, gateway, travel
):
    code = asked(page_client, she, work, gateway)
    worker = session.get_one(make.Staff, session.get_one(Client, she.id).keyworker_id)
    staff = new_page_client()
    page = sign_in.staff_at(staff, worker, f"/staff/clients/{she.id}/messages")
    assert "Code for signing in, for her alone" in page.text
    assert code not in page.html
    assert code not in staff.get(f"/staff/messages?words={code}").html
    with unit_of_work():
        made = transcript.open_transcript(
            worker.actor, she.id, from_on=None, until_on=None, saved=False, now=clock.now()
        )
    assert code not in transcript.as_text(made, clock.now())
    assert type_in(page_client, code).address == "/today"
    work()
    text = all_of(Text)[0]
    assert (text._body, text._facts) == (None, None), "used, it is forgotten"


def test_only_a_keyed_hash_of_a_code_is_kept_and_its_text_is_sealed(page_client, she, work, gateway):  # R32
    code = asked(page_client, she, work, gateway)
    row, text = all_of(TextCode)[0], all_of(Text)[0]
    assert code not in str(vars(row)) and len(row.code_index) == 32
    assert code.encode() not in text._body + text._facts


def everything_on(client) -> None:
    put(client, messages_online=True, safe_contact_online=True, seen_by_online=True, report_online=True,
        sensitive_goals_online=True, safety_plan_online=True, shows_worker_name=True, calendar_online=True)  # fmt: skip


ALWAYS_CALM = {
    "/today", "/plan", "/me", "/appointments", "/appointments/new", "/me/signed-in", "/me/passcode", "/stay", "/kept",
    "/step-up", "/plan/words", "/plan/topics", "/plan/order", "/plan/goals", "/plan/goals/new", "/plan/answer",
    "/plan/earlier", "/plan/print", "/feedback", "/feedback/done", "/ask/done",
}  # fmt: skip
"""What a session opens without the passcode being asked again; all else of hers must ask. `/plan` and what lies below
it show only what is not sensitive then, and `/kept` asks by itself where the form was on a sensitive page."""


def her_pages(app) -> list[str]:
    """Every page of hers that has one address."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    found = []
    for rule in rules:
        blueprint = app.blueprints.get(rule.endpoint.split(".")[0])
        if blueprint is not None and getattr(blueprint, "audience", None) == "client":
            found.append(rule.rule)
    return sorted(found)


def test_a_session_by_text_never_reaches_a_sensitive_part_without_the_passcode(
    app, page_client, she, work, gateway, travel
):  # R13 R16
    everything_on(she)
    pages = her_pages(app)
    assert len(pages) > 8, pages
    type_in(page_client, asked(page_client, she, work, gateway))
    asks = {path for path in pages if page_client.get(path).location == "/step-up"}
    assert {"/messages", "/me/safe-contact", "/me/seen-by", "/me/report"} <= asks
    assert {path for path in pages if path not in asks} <= ALWAYS_CALM | {
        "/groups",
        "/waiting",
        "/appointments/waiting",
    }
    assert page_client.get("/plan?more=1").location == "/step-up"
    page_client.get("/messages", follow=True)
    assert page_client.submit("/step-up", passcode="000111").status == 422
    assert page_client.get("/messages").location == "/step-up"
    page_client.get("/step-up")
    assert sign_in.step_up(page_client).address == "/messages"
    travel.forward(minutes=5)
    assert page_client.get("/messages").location == "/step-up"


def test_she_takes_the_way_away_herself_and_only_that(page_client, she, work, gateway):  # R41
    sign_in.as_client(page_client, she)
    page_client.get("/me/signed-in")
    page = page_client.submit("/me/no-codes")
    assert "Saved. No code comes by text." in page.text
    record = session.execute(select(make.SafeContact).order_by(make.SafeContact.version.desc())).scalars().first()
    assert record.code_by_text is False and record.may_text is True
    ask(page_client, she.code_name)
    work()
    assert gateway.sent == []
    assert [task.kind for task in all_of(Task)] == ["contact_made_stricter"]


def test_the_answer_to_who_never_chose_it_is_the_same(page_client, new_page_client, she):  # R41
    answers = []
    for client, browser in ((she, page_client), (make.client(), new_page_client())):
        sign_in.as_client(browser, client)
        browser.get("/me/signed-in")
        page = browser.submit("/me/no-codes")
        answers.append(re.sub(r"\d+", "n", without_tokens(page.html)))
    assert answers[0] == answers[1]


def test_two_workers_make_one_code(either_database, app, travel):
    client = make.client()
    make.safe_contact(client, number=NUMBER, code_by_text=True)
    from portal.accounts import text_codes

    with unit_of_work():
        text_codes.ask(client.code_name, "192.0.2.1", now=travel.now)
    made = []
    for _ in range(2):
        with unit_of_work():
            made.append(text_codes.make_asked_for(travel.now))
    assert made == [1, 0]
    with unit_of_work():
        session.execute(update(TextCode).values(ended_at=travel.now))
        assert text_codes.forget_words(travel.now) == 1


def test_a_restored_backup_lets_no_code_in(page_client, she, work, gateway):
    from portal.jobs.backup import aftermath

    code = asked(page_client, she, work, gateway)
    with unit_of_work():
        aftermath.put_right(Actor("system", 0), clock.now(), now=clock.now())
    assert type_in(page_client, code).status == 422
