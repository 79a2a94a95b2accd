"""A report that a condition is not met, in Chromium: drafted by the keyworker, confirmed by the manager, saved."""

import pytest
from playwright.sync_api import expect

from tests.support import live

pytestmark = pytest.mark.browser


@pytest.fixture
def house(tmp_path):
    """A portal of its own: it is written to."""
    with live.portal(tmp_path, worker=False, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}) as portal:
        yield portal


def somebody(chromium, house, email: str):
    """Somebody's screen, signed in."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    house.sign_in_staff(page, email)
    return page


def test_drafted_refused_for_one_person_confirmed_by_another_and_saved(chromium, house):  # R31
    jo = next(one["email"] for one in house.demo["staff"] if one["email"].startswith("jo"))
    manager = next(one["email"] for one in house.demo["staff"] if one["role"] == "manager")
    client = next(one for one in house.demo["clients"] if one["keyworker"] == jo)
    jos, frans = somebody(chromium, house, jo), somebody(chromium, house, manager)
    jos.goto(f"{house.address}/staff/clients/{client['id']}")
    jos.click("text=Conditions")
    jos.click("text=Change it")
    jos.fill("[name=sessions]", "20")
    jos.fill("[name=due_on]", "2026-11-30")
    jos.check("[name=reason][value=agreed]")
    jos.click("main button.main")
    jos.click("text=Draft a report")
    expect(jos.locator("[name=says]").first).to_be_visible()
    reasons = [each.get_attribute("value") for each in jos.query_selector_all("[name=says]")]
    assert reasons == ["as_it_stands", "service"], "no reminder, no reason but ours (R46)"
    jos.check("[value=service]")
    jos.click("text=Draft it")
    expect(jos.locator("main")).to_contain_text("Somebody else has to confirm it")
    address = jos.url
    assert jos.query_selector("text=Save as PDF") is None
    frans.goto(address)
    frans.click("text=Yes, it is not met")
    expect(frans.locator("main")).to_contain_text("Confirmed by")
    with frans.expect_download() as saving:
        frans.click("text=Save as PDF")
    assert saving.value.suggested_filename.startswith("report-")
    assert saving.value.suggested_filename.endswith("-20261201.pdf")
    jos.reload()
    jos.check("[name=to][value=police]")
    jos.fill("[name=mailbox]", "The unit")
    jos.check("[name=how][value=secure_mail]")
    jos.click("text=Note that it was sent")
    expect(jos.locator("main")).to_contain_text("Sent by Jo")
    frans.go_back()
    frans.goto(address)
    assert frans.query_selector("text=Note that it was sent") is None or "Sent by" in frans.inner_text("main")
