"""A sheet of neutral cards: codes made at the press, once, for women who have never signed in (R7, R12, R48)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from portal.accounts import service as accounts
from portal.accounts.models import ClientPasscode, SetupCode
from portal.audit.models import AuditEntry
from portal.clients.models import Client, Restriction
from portal.core import clock
from portal.core.banned import banned_in
from portal.core.database import session, unit_of_work
from portal.core.settings import BANNED_WORDS
from tests.support import make, sign_in
from tests.support.pages import words

ADDRESS = "/staff/start/cards"


@pytest.fixture
def women(app, travel):
    """Rose and نور, who have never signed in, and Olive, who has."""
    jo = make.staff("keyworker", make.centre("Willow House"), first_name="Jo")
    found = [make.client(jo, called_name=name) for name in ("Rose", "نور", "Olive")]
    with unit_of_work():
        session.execute(delete(ClientPasscode).where(ClientPasscode.client_id.in_([one.id for one in found[:2]])))
    return found


@pytest.fixture
def manager(women):
    return make.staff("manager", session.get_one(make.Centre, women[0].centre_id), first_name="Frances")


@pytest.fixture
def browser(page_client, manager):
    sign_in.staff_at(page_client, manager, ADDRESS)
    return page_client


def press(browser, *clients, key: str = "k1"):
    return browser.post(ADDRESS, {"request_key": key, "client": [str(one.id) for one in clients]})


def codes() -> list[SetupCode]:
    session.remove()
    return list(session.scalars(select(SetupCode).order_by(SetupCode.id)))


def test_the_sheet_has_a_code_name_and_a_code_and_on_paper_nothing_else(browser, women):
    page = press(browser, *women[:2])
    cards = [words(card) for card in page.find_all("section", class_="slip")]
    assert len(cards) == 2
    for card, woman in zip(cards, women, strict=False):
        assert re.fullmatch(rf"My Week ?{woman.code_name} ?Code ?\d{{4}} \d{{4}} ?Use within 24 hours\.", card), card
        assert not banned_in(card, BANNED_WORDS)  # R7
        assert woman.called_name not in card and "Jo" not in card and "Willow" not in card
    key_to_names = page.find_all("table")[0]
    assert "Rose" in words(key_to_names), "whose card it is stands on the screen"
    outside = [node for node in page.find_all("section") if "no-print" in (node.get("class") or "")]
    assert key_to_names in [table for node in outside for table in node.iter(key_to_names.tag)], "and is not printed"


def test_a_code_on_a_card_lets_her_in_once_for_a_day(browser, women, travel):
    card = words(press(browser, women[0]).find_all("section", class_="slip")[0])
    typed = "".join(re.search(r"(\d{4}) (\d{4})", card).groups())
    rose = session.get_one(Client, women[0].id)
    assert accounts.setup_code_fits(rose, typed, now=clock.now())
    travel.forward(hours=24, minutes=1)
    assert not accounts.setup_code_fits(rose, typed, now=clock.now())
    assert codes()[0].expires_at - codes()[0].made_at == timedelta(hours=24)


def test_looking_makes_no_code_pressing_makes_one_each_and_pressing_again_none(browser, women):
    browser.get(ADDRESS)
    assert codes() == []
    press(browser, *women[:2])
    page = press(browser, *women[:2])
    assert page.status == 303 and len(codes()) == 2, "shown once"
    made = session.query(AuditEntry).filter_by(action="setup_code_made")
    assert {entry.client_id for entry in made} == {woman.id for woman in women[:2]}


def test_no_sheet_ever_resets_a_woman_who_has_signed_in_nor_shows_one_who_must_not_be_known(browser, women, manager):
    assert "Olive" not in browser.get(ADDRESS).text
    assert press(browser, women[2]).status == 422
    with unit_of_work():
        session.add(Restriction(client_id=women[0].id, staff_id=manager.id, since_at=clock.now()))
    assert "Rose" not in browser.get(ADDRESS).text  # R29
    assert press(browser, women[0], key="k2").status == 422
    assert codes() == []


@pytest.mark.parametrize("clients", [[], ["x"], ["0", "99999999999"], ["²"], ["9" * 5000]])
def test_nobody_ticked_or_nonsense_makes_nothing(browser, clients):
    page = browser.post(ADDRESS, {"request_key": "k1", "client": clients})
    assert page.status == 422 and "Tick at least one woman." in page.text
    assert codes() == []
