"""A form with faults says so at the top and at each field, seen and heard, and keeps what was typed (R37)."""

import pytest

from portal.core.locales import LANGUAGES
from portal.jobs.demo_people import WOMEN
from tests.support import demo_house
from tests.support.pages import XHTML, Page, PageClient, words

FORMS = (
    ("/sign-in", {"code_name": "Blue Heron 42"}),
    ("/sign-in", {"code_name": "Blue Heron 42", "passcode": "000000"}),
    ("/set-up", {"code_name": "Blue Heron 42", "code": "12345678", "passcode": "12"}),
    ("/sign-in/text", {}),
    ("/refer", {"called_name": "Rosa", "number": "1"}),
)
HER_FORMS = (
    ("/messages", {"body": ""}),
    ("/feedback", {}),
    ("/plan/topics", {"picked": ["none"]}),
    ("/plan/words", {"words": ""}),
    ("/plan/goals/new?about=5", {"her_words": ""}),
    ("/appointments/new?kind=4&centre=1&worker=1", {}),
    ("/me/passcode", {"passcode": "", "new_passcode": "1"}),
    ("/step-up", {"passcode": "1"}),
)


@pytest.fixture
def house(app, travel):
    return demo_house.load()


def send(browser: PageClient, address: str, typed: dict) -> Page:
    """Send the form on a page with these values in place of what stands in it."""
    browser.get(address)
    return browser.submit(follow=False, **typed)


def heard_and_seen(page: Page) -> None:
    """The summary comes first, takes the focus, and leads to each field, which says the same."""
    assert page.status == 422, page.text[:200]
    main = page.find_all("main")[0]
    summary = page.find_all("div", id="faults")[0]
    assert (summary.get("role"), summary.get("tabindex")) == ("alert", "-1")
    assert summary.get("autofocus") is not None
    order = list(main.iter())
    assert not [node for node in order[: order.index(summary)] if node.tag in (XHTML + "form", XHTML + "input")]
    ids = {node.get("id"): node for node in page.tree.iter() if node.get("id")}
    links = [(link.get("href")[1:], words(link)) for link in summary.iter(XHTML + "a")]
    assert links
    for target, fault in links:
        field = ids[target]
        assert field.tag in (XHTML + "input", XHTML + "textarea", XHTML + "select") or field.get("tabindex") == "-1"
        said = " ".join(words(ids[name]) for name in field.get("aria-describedby", "").split())
        assert fault in said, f"{page.address}: {target} does not say {fault!r}, but {said!r}"
        if field.get("type") not in ("radio", None) or field.tag == XHTML + "textarea":
            assert field.get("aria-invalid") == "true", f"{page.address}: {target} is not said to be wrong"


def test_signed_out(house, page_client):  # R37 WCAG 3.3.1 3.3.3
    for address, typed in FORMS:
        page = send(page_client, address, typed)
        heard_and_seen(page)
        for name, value in typed.items():
            if name not in ("passcode", "code"):
                assert page.field(name) == value
    page = send(page_client, "/sign-in", {"code_name": "Blue Heron 42", "passcode": "990099"})
    assert "990099" not in page.html  # R7


def test_signed_in(house, page_client):  # R37 WCAG 3.3.1 3.3.3
    house.woman(page_client, "Blue Heron 42")
    page_client.get("/messages", follow=True)
    page_client.submit("/step-up", passcode=WOMEN[0].passcode)
    for address, typed in HER_FORMS:
        page = send(page_client, address, typed)
        heard_and_seen(page)
        for name in ("words", "body", "her_words"):
            if typed.get(name):
                assert typed[name] in page.text


def test_languages_to_choose_from_are_each_said_in_their_own(page_client):  # WCAG 3.1.2
    page_client.get("/refer")
    options = page_client.page.find_all("select", name="language")[0].iter(XHTML + "option")
    assert {option.get("lang"): words(option) for option in options}.items() <= {
        (one.code, one.own_name) for one in LANGUAGES.values()
    }
