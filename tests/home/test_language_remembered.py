"""The language that she chose for her pages: remembered for her wherever she signs in, and for her pages alone."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.booking.matching import spoken
from portal.clients.models import Client
from portal.core import locales
from portal.core.database import session
from portal.messaging.composing import her_language
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    return make.client(language="en")


def choose(browser, language: str):
    assert "/language" in browser.get("/me").links().values()
    browser.get("/language")
    return browser.submit("/language", press=("language", language))


def lang(page) -> str:
    return page.find_all("html")[0].get("lang")


def changes(client) -> list[AuditEntry]:
    session.remove()
    rows = session.scalars(select(AuditEntry).where(AuditEntry.client_id == client.id))
    return [row for row in rows if row.action == "language_chosen"]


def test_after_leaving_and_on_another_phone_her_pages_come_in_what_she_chose(page_client, new_page_client, client):
    sign_in.as_client(page_client, client)
    assert lang(choose(page_client, "so")) == "so"
    page_client.get("/leave", follow=False)
    anew = new_page_client()
    assert lang(anew.get("/sign-in")) == "en", "R13: before she has signed in nothing of it shows"
    assert lang(sign_in.as_client(anew, client)) == "so"
    assert "Soomaali" in anew.get("/me").text
    anew.submit("/sign-out")
    assert lang(anew.get("/sign-in")) == "en", "R13: it would tell whose phone this is"


def test_texts_and_workers_keep_the_language_of_her_record(page_client, app, travel):
    client = make.client(language="pl")
    sign_in.as_client(page_client, client)
    choose(page_client, "so")
    session.remove()
    hers = session.get_one(Client, client.id)
    assert (hers.pages_language, hers.language) == ("so", "pl")
    assert her_language(hers, None) == "pl"
    assert spoken(hers.language, hers.preparation) == "pl"


def test_chosen_again_the_language_of_her_record_leads_her_pages_again(page_client, new_page_client, client):
    sign_in.as_client(page_client, client)
    for language in ("so", "so", "ar", "en"):
        choose(page_client, language)
    session.remove()
    assert session.get_one(Client, client.id).pages_language is None
    assert len(changes(client)) == 3, "the same one pressed twice changes nothing"
    assert lang(sign_in.as_client(new_page_client(), client)) == "en"


def test_who_reads_english_until_hers_is_offered_reads_hers_once_it_is(page_client, new_page_client, app, travel):
    client = make.client(language="ti")
    locales.offer(["es"])
    sign_in.as_client(page_client, client)
    choose(page_client, "es")
    assert lang(sign_in.as_client(new_page_client(), client)) == "es"
    choose(page_client, "en")
    locales.offer(["es", "ti"])
    assert lang(sign_in.as_client(new_page_client(), client)) == "ti"


def test_whoever_cannot_read_the_language_chosen_finds_the_way_back(page_client, client):
    sign_in.as_client(page_client, client)
    choose(page_client, "bn")
    for address in ("/today", "/plan", "/me", "/now", "/sign-in"):
        links = page_client.get(address).links()
        assert links["ভাষা Language"] == "/language", address
    choices = page_client.get("/language").find_all("bdi", lang="en")
    assert [choice.text for choice in choices] == ["English"]


def test_on_a_page_in_another_language_the_way_back_names_hers(page_client, app, travel):
    sign_in.as_client(page_client, make.client(language="bn"))
    assert "ভাষা Language" in page_client.get("/today").links()
    choose(page_client, "en")
    assert page_client.get("/today").links()["Language বাংলা"] == "/language"
    assert page_client.get("/now").links()["Language"] == "/language", "R13: no page that may be left open says so"
    locales.offer(["tr"])
    assert "Language" in page_client.get("/today").links(), "a language that cannot be chosen is not named"


def test_a_choice_that_is_not_offered_any_more_is_passed_over(page_client, new_page_client, app, travel):
    client = make.client(language="pl")
    sign_in.as_client(page_client, client)
    choose(page_client, "es")
    locales.offer(["pl"])
    anew = new_page_client()
    assert lang(sign_in.as_client(anew, client)) == "pl"
    assert "not ready yet" not in anew.get("/me").text and "Polski" in anew.get("/me").text
    locales.offer(["pl", "es"])
    assert lang(sign_in.as_client(new_page_client(), client)) == "es"


def test_signed_out_the_choice_is_the_browsers_and_nothing_is_written(page_client, client):
    page_client.get("/language")
    page_client.submit("/language", press=("language", "so"))
    assert lang(page_client.get("/sign-in")) == "so" and changes(client) == []


def test_a_choice_from_before_she_signed_in_is_not_put_on_her_record(page_client, client):
    page_client.get("/language")
    page_client.submit("/language", press=("language", "so"))
    sign_in.as_client(page_client, client)
    assert session.get_one(Client, client.id).pages_language is None and changes(client) == []


def test_a_session_that_has_ended_writes_nothing(page_client, client, travel):
    sign_in.as_client(page_client, client)
    page_client.get("/language")
    travel.forward(hours=2)
    page_client.submit("/language", press=("language", "so"))
    assert session.get_one(Client, client.id).pages_language is None and changes(client) == []
