"""The front page and the small public pages: language, privacy, accessibility, what may be listed."""

import pytest

from portal.core import locales
from portal.core.locales import LANGUAGES
from tests.support import make, sign_in


def test_the_front_page_says_nothing_of_what_it_is_for(page_client):  # R7
    page = page_client.get("/")
    assert page.text.startswith("My Week Start Help")
    assert "/leave" in page.links().values()


@pytest.mark.parametrize(("button", "leads_to"), [("start", "/sign-in"), ("help", "/now")])
def test_start_and_help_lead_on(page_client, button, leads_to):
    page_client.get("/")
    assert page_client.submit("/", press=("go", button)).address.endswith(leads_to)


def test_a_press_without_a_button_leads_to_signing_in(page_client):
    page_client.get("/")
    assert page_client.post("/", {}).location == "/sign-in"


def test_every_language_is_named_in_its_own_script(page_client):
    page = page_client.get("/language")
    buttons = {button.get("value"): "".join(button.itertext()) for button in page.find_all("button", name="language")}
    assert set(buttons) == set(LANGUAGES)
    for code, language in LANGUAGES.items():
        assert language.own_name in buttons[code]
        assert language.latin in buttons[code], "whoever sits beside her can read it too"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_that_is_offered_comes_at_once(page_client, code):
    page_client.get("/language")
    page = page_client.submit("/language", press=("language", code))
    root = page.find_all("html")[0]
    assert (page.address, root.get("lang")) == ("/", code)
    assert root.get("dir") == ("rtl" if code in ("ar", "fa") else "ltr")


def test_only_what_is_offered_is_listed_and_who_misses_hers_is_led_to_a_worker(page_client):
    locales.offer(["so"])
    page = page_client.get("/language")
    assert [button.get("value") for button in page.find_all("button", name="language")] == ["en", "so"]
    assert "Is your language not here? Ask a worker." in page.text
    assert "/language" in page_client.get("/now").links().values()
    locales.offer(["es"])
    root = page_client.post("/language", {"language": "so"}, follow=True).find_all("html")[0]
    assert root.get("lang") == "en", "who chose it before it was turned off reads English, and keeps her choice"
    locales.offer(["so"])
    assert page_client.get("/sign-in").find_all("html")[0].get("lang") == "so"


def test_with_english_alone_there_is_no_choice_to_make(page_client, only_english):
    assert "/language" not in page_client.get("/sign-in").links().values()
    assert page_client.get("/language").status == 200


def test_the_browsers_language_is_looked_for_among_those_that_are_offered(page_client):  # R13
    asks = {"Accept-Language": "so,pt-BR;q=0.8,en;q=0.1"}
    assert page_client.get("/now", headers=asks).find_all("html")[0].get("lang") == "so"
    locales.offer(["pt"])
    assert page_client.get("/now", headers=asks).find_all("html")[0].get("lang") == "pt"


@pytest.mark.parametrize(
    ("asked", "lang"),
    [
        ("pt_BR", "pt"), ("prs-AF,en;q=0.5", "fa"), ("mo", "ro"), ("de,*;q=0.5", "en"), ("so;q=0", "en"),
        ("tr;q=abc", "en"), (";;,,=", "en"), ("AR-eg", "ar"), ("ti;q=0.001", "ti"), ("x" * 5000, "en"),
    ],
)  # fmt: skip
def test_what_browsers_send_for_a_language_is_understood_or_does_no_harm(page_client, asked, lang):
    assert page_client.get("/now", headers={"Accept-Language": asked}).find_all("html")[0].get("lang") == lang


def test_a_choice_of_a_language_that_is_no_more_leaves_her_the_one_on_her_record(page_client, travel):
    sign_in.as_client(page_client, make.client(language="ar"))
    with page_client.client.session_transaction() as cookie:
        cookie["lang"] = "xx"
    assert page_client.get("/today").find_all("html")[0].get("lang") == "ar"


@pytest.mark.parametrize("language", ["", "xx", "en ", "x" * 10_000, "🙂", "ar\x00"])
def test_an_unknown_language_changes_nothing(page_client, language):
    page = page_client.post("/language", {"language": language})
    assert page.status == 422
    assert page.h1 == "Language"
    assert page_client.get("/").find_all("html")[0].get("lang") == "en"


def test_before_signing_in_the_browsers_language_counts(page_client):  # R13
    page = page_client.get("/sign-in", headers={"Accept-Language": "ar-EG,ar;q=0.9,en;q=0.5"})
    assert page.find_all("html")[0].get("dir") == "rtl"
    page = page_client.get("/sign-in", headers={"Accept-Language": "xx"})
    assert page.find_all("html")[0].get("lang") == "en"


def test_signed_in_her_records_language_counts_and_goes_with_her_session(page_client, travel):  # R13
    client = make.client(language="ar")
    assert sign_in.as_client(page_client, client).find_all("html")[0].get("lang") == "ar"
    page_client.get("/me")
    page_client.submit("/sign-out")
    assert page_client.get("/sign-in").find_all("html")[0].get("lang") == "en", "it would tell whose phone this is"


def test_a_language_that_she_chose_herself_stands_through_signing_in_and_out(page_client, travel):
    client = make.client(language="en")
    page_client.get("/language")
    page_client.submit("/language", press=("language", "ar"))
    assert sign_in.as_client(page_client, client).find_all("html")[0].get("lang") == "ar"
    page_client.get("/me")
    assert page_client.submit("/sign-out").find_all("html")[0].get("lang") == "ar"


def test_signed_in_the_choice_leads_back_to_her_page(page_client, travel):
    sign_in.as_client(page_client, make.client())
    page_client.get("/language")
    page = page_client.submit("/language", press=("language", "ar"))
    assert (page.address, page.find_all("html")[0].get("dir")) == ("/today", "rtl")


@pytest.mark.parametrize("address", ["/accessibility", "/privacy", "/about-leaving"])
def test_the_small_pages_need_no_signing_in(page_client, address):
    page = page_client.get(address)
    assert page.status == 200
    assert "safe and secure" not in page.text.lower() and "anonymous" not in page.text.lower()


def test_whoever_finds_a_fault_reads_whom_to_tell_and_nothing_of_what_this_is(page_client, travel):
    page = page_client.get("/.well-known/security.txt")
    assert page.status == 200
    assert page.text == "Contact: mailto:security@example.org\nExpires: 2027-05-30T00:00:00Z\n"  # RFC 9116


def test_robots_list_only_the_front_page_and_help(page_client):  # R11
    page = page_client.get("/robots.txt")
    assert page.headers["Content-Type"].startswith("text/plain")
    assert page.text.splitlines() == ["User-agent: *", "Allow: /$", "Allow: /now", "Allow: /help", "Disallow: /"]
