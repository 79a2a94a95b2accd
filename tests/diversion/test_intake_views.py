"""Her own page, the referrer's page, the first time, the list with loads: through the real pages."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal.audit.models import AuditEntry
from portal.backoffice import merging
from portal.booking.models import Appointment
from portal.clients.models import Client, SafeContact
from portal.core import clock
from portal.core.banned import banned_in
from portal.core.database import session, unit_of_work
from portal.core.settings import BANNED_WORDS
from portal.diversion import allocation
from portal.diversion.models import Condition, Referral
from portal.diversion.queries import own_referrals
from portal.messaging.models import Text
from portal.staff.models import Staff
from tests.backoffice import booked
from tests.diversion import intake, referrals
from tests.support import make, sign_in
from tests.support.measures import statements
from tests.support.pages import words


@pytest.fixture
def house(app, travel):
    centre = make.centre("Example House")
    return SimpleNamespace(
        centre=centre,
        kind=make.kind("First talk", centre),
        jo=make.staff("keyworker", centre, first_name="Jo"),
        ana=make.staff("keyworker", centre, first_name="Ana"),
        frances=make.staff("manager", centre, first_name="Frances"),
        dana=make.staff("referrer", first_name="Dana"),
    )


@pytest.fixture
def browser(new_page_client):
    opened = {}

    def browser(person):
        session.rollback()
        if person.id not in opened:
            # A code of a second step works once: each signs in once.
            opened[person.id] = new_page_client()
            sign_in.as_staff(opened[person.id], session.get_one(Staff, person.id))
        session.rollback()
        return opened[person.id]

    return browser


HERS = {"called_name": "Marigold", "language": "en", "comes_in": "y", "must_not_know": "nobody", "agreed": "y"}


def newest() -> SimpleNamespace:
    """The ids of the newest referral, which outlast a session."""
    session.rollback()
    row = session.query(Referral).order_by(Referral.id.desc()).first()
    return SimpleNamespace(id=row.id, client_id=row.client_id)


def ask(visitor, house, **values):
    page = visitor.get("/refer")
    return visitor.post(
        "/refer", HERS | {"centre_id": str(house.centre.id), "request_key": page.field("request_key")} | values
    )


def test_she_asks_in_one_page_without_signing_in_and_is_told_what_happens_next(page_client, house):  # R36, R48
    assert page_client.get("/sign-in").links()["New here? Ask us to contact you."] == "/refer"
    assert page_client.get("/").links()["New here? Ask us to contact you."] == "/refer"
    done = ask(page_client, house, may_text="y", number="07700 900123", whose_phone="own", hours="mornings")
    assert (done.status, done.location) == (303, "/refer/sent")
    page = page_client.get("/refer/sent")
    assert "A worker gets in touch within 3 working days" in page.text
    row = session.query(Referral).one()
    assert row.said_contact == {
        "may_text": True, "comes_in": True, "number": "+447700900123", "whose_phone": "own", "hours": "mornings"
    }  # fmt: skip
    assert "Marigold" not in page.html and "07700" not in page.html


def test_right_after_leaving_the_front_page_is_bare(page_client, house):  # R3
    page_client.get("/leave")
    assert "/refer" not in page_client.get("/").html
    assert page_client.get("/refer").status == 303, "within five minutes of leaving it leads out"


def test_pressed_twice_it_is_one_referral(page_client, house):  # R38
    page = page_client.get("/refer")
    sent = HERS | {"centre_id": str(house.centre.id), "request_key": page.field("request_key")}
    answers = [page_client.post("/refer", sent) for _ in range(3)]
    assert [(one.status, one.location) for one in answers] == [(303, "/refer/sent")] * 3
    assert session.query(Referral).count() == session.query(Client).count() == 1


def test_it_answers_the_same_whether_she_is_known_or_not(new_page_client, house):  # R42
    known = make.client(session.get_one(Staff, house.jo.id), called_name="Marigold", code_name="Amber Fox 12")
    make.safe_contact(known, number="+447700900123")
    answers = []
    for name, number in (("Marigold", "07700 900123"), ("Clementine", "07700 900999")):
        visitor = new_page_client()
        done = ask(visitor, house, called_name=name, may_ring="y", number=number, whose_phone="shared")
        after = visitor.get("/refer/sent")
        answers.append((done.status, done.location, bare(done), after.status, bare(after)))
    assert answers[0] == answers[1]


def test_the_referrers_page_answers_the_same_whether_she_is_known_or_not(browser, house):  # R42
    known = make.client(session.get_one(Staff, house.jo.id), called_name="Marigold")
    make.safe_contact(known, number="+447700900123")
    referrals.referral(known, reference="REF-1")
    answers, dana = [], browser(house.dana)
    for name, number, reference in (("Marigold", "07700 900123", "REF-1"), ("Clementine", "07700 900999", "REF-9")):
        done = dana.post(
            "/staff/refer",
            intake.form(house.centre.id, sessions_needed="", called_name=name, number=number, reference=reference,
                        request_key=dana.get("/staff/refer").field("request_key")),
        )  # fmt: skip
        after = dana.get(done.location)
        answers.append((done.status, bare(done), after.status, bare(after)))
    assert answers[0] == answers[1]


def test_once_it_is_found_that_she_was_known_the_referrer_sees_nothing_of_that(browser, house):  # R42
    dana = browser(house.dana)
    done = refer(dana)
    row = newest()
    known = make.client(session.get_one(Staff, house.jo.id), called_name="Marigold")
    booked.appointment(known, make.london(make.monday(), "11:00"))
    with unit_of_work():
        merging.merge(intake.actor_of(house.frances), known.id, row.client_id, now=clock.now())
    for address in (done.location, f"{done.location}/card"):
        page = dana.get(address)
        assert page.status == 404 and "11:00" not in page.text


def test_first_seen_counts_from_the_referral_whether_she_is_known_or_not(app, travel):  # R42
    dana, kind = make.staff("referrer"), make.kind()
    known, new = make.client(), make.client()
    for client in (known, new):
        referrals.referral(client, dana)
        referrals.came(client, kind, travel.now - timedelta(days=10))
    referrals.came(known, kind, travel.now - timedelta(days=60))
    told = [(one.state, one.since_on) for one in own_referrals(intake.actor_of(dana))]
    assert len(told) == 2 and len(set(told)) == 1 and told[0][0] == "first_seen"


def bare(page) -> str:
    """A page without what is made anew each time: tokens, keys, and the number of the referral."""
    text = re.sub(rb'value="[\w.:=-]{12,}"', b"", page.body)
    return re.sub(rb"/refer/\d+", b"/refer/N", text).decode()


def test_what_is_missing_is_said_at_the_field_and_what_she_typed_stays(page_client, house):  # R36
    page = ask(page_client, house, called_name="Marigold", comes_in="", must_not_know="", agreed="")
    assert page.status == 422 and "Answer this question." in page.text
    page = ask(page_client, house, comes_in="")
    assert page.status == 422 and "Choose one or more ways." in page.text
    assert page.field("called_name") == "Marigold"
    page = ask(page_client, house, may_ring="y", number="", whose_phone="own")
    assert "Write your number" in page.text
    page = ask(page_client, house, agreed="")
    assert page.status == 422 and "Tick this so that we can start." in page.text
    assert session.query(Referral).count() == 0


def test_staff_who_are_signed_in_have_their_own_page(browser, house):
    answer = browser(house.jo).get("/refer")
    assert (answer.status, answer.location) == (303, "/staff/refer")


def refer(browser, **values):
    page = browser.get("/staff/refer")
    centre_id = int(page.find_all("select", name="centre_id")[0][0].get("value"))
    due_on = clock.london_today(clock.now()) + timedelta(days=60)
    return browser.post("/staff/refer", intake.form(centre_id, due_on, request_key=page.field("request_key"), **values))


def test_a_referrer_refers_books_and_prints_a_card_that_says_nothing(browser, house):  # R7, R28, R31
    dana = browser(house.dana)
    done = refer(dana)
    page = dana.get(done.location)
    row = newest()
    assert [(one.sessions_needed, one.referral_id) for one in session.query(Condition)] == [(2, row.id)]
    start = page.find_all("input", name="starts_at")[0].get("value")
    sent = {"kind": str(house.kind.id), "centre": str(house.centre.id), "starts_at": start,
            "request_key": page.field("request_key")}  # fmt: skip
    answers = [dana.post(done.location, sent) for _ in range(2)]
    assert [one.location for one in answers] == [f"{done.location}/card"] * 2
    booked = session.query(Appointment).one()
    assert booked.client_id == row.client_id and session.query(Text).count() == 0, "she stands there: no text"
    card = dana.get(f"{done.location}/card")
    slip = next(words(one) for one in card.find_all("section") if "slip" in one.get("class"))
    assert slip == "Tuesday 1 DecemberTue 1 Dec 12:00My WeekExample House"
    assert banned_in(slip, BANNED_WORDS) == [] and "Marigold" not in card.html and "Jo" not in slip
    assert card.title == "Card"
    assert {"first_time_booked", "referral_made"} <= {one.action for one in session.query(AuditEntry)}


def test_a_card_comes_in_her_language_too(browser, house):
    dana = browser(house.dana)
    done = refer(dana, language="ar")
    page = dana.get(done.location)
    start = page.find_all("input", name="starts_at")[0].get("value")
    dana.post(done.location, {"kind": str(house.kind.id), "centre": str(house.centre.id), "starts_at": start,
                              "request_key": "k1"})  # fmt: skip
    card = dana.get(f"{done.location}/card")
    assert card.find_all("dt", lang="ar") and "الثلاثاء" in card.text


def test_in_prison_the_first_time_lies_after_the_release(browser, house):
    dana = browser(house.dana)
    release = clock.london_today(clock.now()) + timedelta(days=9)
    done = refer(dana, source="prison", release_on=release.isoformat())
    starts = [one.get("value") for one in dana.get(done.location).find_all("input", name="starts_at")]
    assert starts and min(starts) >= release.isoformat()
    sent = {"kind": str(house.kind.id), "centre": str(house.centre.id), "request_key": "k1",
            "starts_at": make.london(release - timedelta(days=1), "11:00").isoformat()}  # fmt: skip
    assert dana.post(done.location, sent).status == 409
    assert session.query(Appointment).count() == 0


def test_while_it_is_open_who_must_not_know_no_time_is_given(browser, house):  # R29
    dana = browser(house.dana)
    done = refer(dana, must_not_know="somebody", names="a man with a red van")
    page = dana.get(done.location)
    assert "a manager looks first" in page.text and not page.find_all("input", name="starts_at")
    sent = {"kind": str(house.kind.id), "centre": str(house.centre.id), "request_key": "k1",
            "starts_at": make.london(make.monday(), "11:00").isoformat()}  # fmt: skip
    assert dana.post(done.location, sent).status == 409


def test_a_colleague_whom_she_named_is_never_offered_as_keyworker_nor_for_the_first_time(browser, house):  # R29
    dana = browser(house.dana)
    done = refer(dana, must_not_know="somebody", names="Jo Example\nAna Example")
    assert not dana.get(done.location).find_all("input", name="starts_at"), "both who work there must not know"
    frances = browser(house.frances)
    offered = [words(one) for one in frances.get("/staff/referrals").find_all("option")]
    assert offered == ["Choose", "Frances Example (0)"]
    row = newest()
    frances.post(f"/staff/referrals/{row.id}/keyworker", {"to_id": str(house.jo.id), "request_key": "k"})
    session.rollback()
    assert session.get_one(Client, row.client_id).keyworker_id is None
    assert "She must not know of her. Choose another." in frances.get("/staff/referrals").html
    assert "Marigold" not in browser(house.jo).get("/staff/referrals").html


def test_a_referrer_reaches_no_record_and_reads_only_how_her_own_referrals_stand(browser, house, travel):  # R28, R31
    dana, other = browser(house.dana), browser(make.staff("referrer", first_name="Ed"))
    done = refer(dana)
    row = newest()
    client = session.get_one(Client, row.client_id)
    client = SimpleNamespace(id=client.id, code_name=client.code_name)
    for address in (
        f"/staff/clients/{client.id}", f"/staff/referrals/{row.id}", f"/staff/clients/{client.id}/plan",
        f"/staff/clients/{client.id}/safe-contact", "/staff/clients", "/staff/today", "/staff/worklist",
        "/staff/disposals",
    ):  # fmt: skip
        assert dana.get(address).status == 403, address
    assert other.get(done.location).status == 404, "somebody else's referral"
    assert "REF-1" not in other.get("/staff/referrals").html
    with unit_of_work():
        session.get_one(Referral, row.id).recorded_at -= timedelta(hours=2, minutes=1)
    assert dana.get(done.location).status == 404, "she has gone: her worker books from now on"

    def state() -> str:
        page = dana.get("/staff/referrals")
        for secret in ("Marigold", client.code_name, "900123", "other_area", "lives where another"):
            assert secret not in page.html
        return words(page.find_all("td")[2])

    assert state() == "Received on Tue 1 Dec"
    with unit_of_work():
        allocation.accept(intake.actor_of(house.frances), row.id, now=clock.now())
    assert state() == "Accepted on Tue 1 Dec"
    session.rollback()
    with unit_of_work():
        session.get_one(Client, client.id).keyworker_id = house.jo.id
    referrals.came(session.get_one(Client, client.id), house.kind, clock.now() - timedelta(minutes=1))
    assert state() == "First seen on Tue 1 Dec"
    with unit_of_work():
        made = session.get_one(Client, client.id)
        made.state, made.closed_at = "closed", clock.now()
    assert state() == "Closed on Tue 1 Dec"


def test_a_declined_referral_says_only_that(browser, house):  # R31
    dana, frances = browser(house.dana), browser(house.frances)
    refer(dana)
    row = newest()
    page = frances.post(f"/staff/referrals/{row.id}/decline", {"request_key": "k"})
    assert page.status == 422 and "Say why." in page.text
    frances.post(f"/staff/referrals/{row.id}/decline", {"request_key": "k2", "reason": "not_reached"})
    page = dana.get("/staff/referrals")
    assert words(page.find_all("td")[2]) == "Declined on Tue 1 Dec" and "reached" not in page.html
    assert frances.post(f"/staff/referrals/{row.id}/accept", {"request_key": "k3"}).status == 409


def test_nobody_declines_a_woman_who_has_an_appointment(browser, house):
    dana, frances = browser(house.dana), browser(house.frances)
    done = refer(dana)
    start = dana.get(done.location).find_all("input", name="starts_at")[0].get("value")
    dana.post(done.location, {"kind": str(house.kind.id), "centre": str(house.centre.id), "starts_at": start,
                              "request_key": "k1"})  # fmt: skip
    row = newest()
    page = frances.post(f"/staff/referrals/{row.id}/decline", {"request_key": "k", "reason": "twice"})
    assert page.status == 422 and "Tell her and cancel it first" in page.text


def test_a_manager_assigns_in_two_presses_and_sees_each_load(browser, house):
    for _ in range(3):
        make.client(session.get_one(Staff, house.jo.id))
    refer(browser(house.dana))
    row = newest()
    frances = browser(house.frances)
    page = frances.get("/staff/referrals")
    assert [words(one) for one in page.find_all("option")] == [
        "Choose", "Ana Example (0)", "Frances Example (0)", "Jo Example (3)"
    ]  # fmt: skip
    key = page.field("request_key")
    for _ in range(2):
        frances.post(f"/staff/referrals/{row.id}/keyworker", {"to_id": str(house.ana.id), "request_key": key})
    session.rollback()
    assert session.get_one(Client, row.client_id).keyworker_id == house.ana.id
    given = session.get_one(Referral, row.id)
    assert (given.state, given.allocated_by) == ("accepted", house.frances.id)
    ana = browser(house.ana)
    tasks = ana.get("/staff/worklist").text
    assert "Make first contact with her" in tasks and "Ask how she may be reached" in tasks
    assert "first contact by Fri 4 Dec" in ana.get("/staff/clients").text
    ana.post(f"/staff/referrals/{row.id}/first-contact", {"how": "rang", "request_key": "k"})
    assert "Make first contact with her" not in ana.get("/staff/worklist").text
    assert "first contact by" not in ana.get("/staff/clients").text


def test_the_board_says_calmly_which_first_contacts_are_due(browser, house, travel):
    refer(browser(house.dana))
    assert "first contact" not in browser(house.jo).get("/staff/today").text
    travel.to("2026-12-04 09:00")
    assert "1 first contact is due by today" in browser(house.ana).get("/staff/today").text
    travel.to("2026-12-07 09:00")
    frances = browser(house.frances)
    assert "1 first contact is due by today, 1 of them since before" in frances.get("/staff/today").text
    rae = browser(make.staff("receptionist", session.get_one(make.Centre, house.centre.id), first_name="Rae"))
    assert "first contact" not in rae.get("/staff/today").text, "why she comes is not reception's (R28)"
    assert "since Fri 4 Dec" in frances.get("/staff/referrals").text


def test_what_she_said_fills_in_the_form_and_counts_for_nothing_before_it_is_saved(browser, house):  # R18
    refer(browser(house.dana))
    row = newest()
    frances = browser(house.frances)
    page = frances.get(f"/staff/clients/{row.client_id}/safe-contact")
    assert "Filled in with what she said" in page.text and "mornings" in page.text
    assert page.field("number") == "+447700900123"
    ticked = {one.get("name"): one.get("value") for one in page.find_all("input", checked="")}
    assert (ticked.get("may_text"), ticked.get("whose_phone")) == ("yes", "own")
    assert "may_ring" not in ticked, "she did not say yes: it has no answer beforehand"
    assert session.query(SafeContact).count() == 0
    make.safe_contact(session.get_one(Client, row.client_id), asked_by=house.frances.id)
    assert "Filled in with what she said" not in frances.get(f"/staff/clients/{row.client_id}/safe-contact").text


def test_once_it_is_recorded_what_she_said_of_her_phone_is_erased(browser, house):
    refer(browser(house.dana))
    row = newest()
    frances = browser(house.frances)
    page = frances.get(f"/staff/clients/{row.client_id}/safe-contact")
    answer = frances.post(
        f"/staff/clients/{row.client_id}/safe-contact",
        {"may_text": "no", "may_ring": "no", "whose_phone": "own", "stable_phone": "yes", "stable_home": "yes",
         "may_post": "no", "may_email": "no", "text_language": "en", "voice_language": "en",
         "check_again_on": "2027-02-01", "seen": page.field("seen"), "request_key": page.field("request_key")},
    )  # fmt: skip
    assert answer.status == 303, answer.text
    session.rollback()
    row = session.get_one(Referral, row.id)
    assert row.said_contact is None and row.said_number_index is None


def test_who_may_be_the_same_woman_is_shown_to_staff_alone_and_never_beyond_reach(browser, house):  # R29, R42
    centre = session.get_one(make.Centre, house.centre.id)
    jo = session.get_one(Staff, house.jo.id)
    named = make.client(jo, centre, called_name="  MARIGOLD ")
    numbered = make.client(jo, centre, called_name="Clementine")
    make.safe_contact(numbered, number="+447700900123")
    referenced = make.client(jo, centre, called_name="Petal")
    referrals.referral(referenced, reference="ref 1")
    elsewhere = make.client(called_name="Marigold", code_name="Velvet Swan 77")
    hidden = make.client(jo, centre, called_name="Marigold", code_name="Copper Deer 31")
    with unit_of_work():
        session.add(make_restriction(hidden, house.frances))
    dana = browser(house.dana)
    done = refer(dana)
    row = newest()
    page = browser(house.frances).get(f"/staff/referrals/{row.id}")
    found = next(words(one) for one in page.find_all("section") if "Perhaps the same" in words(one))
    assert f"{named.code_name}: the same name" in found and f"{numbered.code_name}: the same number" in found
    assert f"{referenced.code_name}: the same reference" in found
    assert elsewhere.code_name not in page.html and hidden.code_name not in page.html
    assert f"/staff/clients/{named.id}/merge/{row.client_id}" in page.html
    assert "same" not in dana.get(done.location).text


def make_restriction(client, person):
    from portal.clients.models import Restriction

    return Restriction(client_id=client.id, staff_id=person.id, since_at=clock.now())


def test_the_release_moves_on_the_referrals_page(browser, house):
    refer(browser(house.dana), source="prison", release_on="2026-12-20")
    row = newest()
    frances = browser(house.frances)
    page = frances.post(f"/staff/referrals/{row.id}/release", {"release_on": "2026-11-01", "request_key": "a"})
    assert page.status == 422 and "That day is past" in page.text
    frances.post(f"/staff/referrals/{row.id}/release", {"release_on": "2026-12-24", "request_key": "b"})
    session.rollback()
    assert session.get_one(Client, row.client_id).nothing_before_on.isoformat() == "2026-12-24"
    assert "Nothing before Thu 24 Dec" in frances.get(f"/staff/referrals/{row.id}").text


def test_disposals_are_kept_on_their_page_and_the_archived_are_not_offered(browser, house):
    frances = browser(house.frances)
    page = frances.get("/staff/disposals")
    frances.post("/staff/disposals", {"name": "Scheme of 2027", "request_key": page.field("request_key")})
    assert "Scheme of 2027" in browser(house.dana).get("/staff/refer").text
    page = frances.post("/staff/disposals", {"name": "scheme of 2027", "request_key": "k"})
    assert page.status == 422 and "There is one of this name." in page.text
    address = frances.get("/staff/disposals").links()["Scheme of 2027"]
    frances.post(address, {"name": "Scheme of 2027", "archived": "y", "request_key": "k2"})
    assert "Scheme of 2027" not in browser(house.dana).get("/staff/refer").text


def test_the_referrers_page_is_done_in_few_fields_and_presses(browser, house):
    """Under 3 minutes: what has no answer beforehand and must have one is 9 answers; two presses more book the time."""
    page = browser(house.dana).get("/staff/refer")
    least = {"agreed_how": "herself", "called_name": "Marigold", "comes_in": "y", "must_not_know": "nobody",
             "source": "police", "reference": "REF-1", "reporter_is_family": "no", "disposal": "none"}  # fmt: skip
    beforehand = {
        one.get("name"): next((option.get("value") for option in one if option.get("selected") is not None),
                              one[0].get("value"))
        for one in page.find_all("select")
    }  # fmt: skip
    answer = browser(house.dana).post("/staff/refer", beforehand | least | {"request_key": "k"})
    assert answer.status == 303, answer.text
    assert len(least) <= 9


def test_her_page_asks_the_database_little(page_client, house):
    page_client.get("/refer")
    with statements() as asked:
        page_client.get("/refer")
    assert len(asked) <= 2, asked


def test_the_list_asks_the_same_however_many_wait(browser, house):
    frances, counts = browser(house.frances), []
    for number in (1, 9):
        for _ in range(number):
            intake.refer(house.dana, house.centre.id)
        session.rollback()
        with statements() as asked:
            frances.get("/staff/referrals")
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
