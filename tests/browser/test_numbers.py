"""A manager reads a quarter in a real Chromium: chooses, filters, hears the charts, saves the file."""

import csv
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, portal: LivePortal) -> StorageState:
    """The cookies of a manager; a code of her app lets in once, so she waits for the next where one was used."""
    frances = next(one for one in portal.demo["staff"] if one["role"] == "manager")
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{portal.address}/staff/sign-in")
    page.fill("#email", frances["email"])
    page.fill("#password", frances["password"])
    page.locator("main button.main").click()
    for _ in range(3):
        page.fill("#code", portal.next_code(frances))
        page.locator("main button.main").click()
        if page.locator("#code").count() == 0:
            break
        page.wait_for_timeout(31_000)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(params=["script", "no script"])
def manager(chromium: Browser, portal: LivePortal, signed_in: StorageState, request) -> Iterator[Page]:
    """A manager on the board, with script and again without."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800},
        java_script_enabled=request.param == "script",
        locale="en-GB",
        storage_state=signed_in,
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{portal.address}/staff/today")
    yield page
    context.close()


def test_a_quarter_is_chosen_filtered_heard_and_saved(manager: Page):
    manager.locator(".more summary").click()
    manager.get_by_role("link", name="Numbers").click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("Numbers: July to September 2026")
    manager.get_by_label("Quarter").select_option("April to June 2026")
    manager.get_by_label("Show").select_option("By centre")
    manager.get_by_role("button", name="Show").click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("Numbers: April to June 2026")

    # What somebody hears who does not see the chart: one sentence, the same that stands above it, then its table.
    chart = manager.get_by_role("img", name="women were referred")
    heard = chart.locator("title").text_content()
    expect(manager.locator("#referrals > p").first).to_have_text(heard)
    table = manager.get_by_role("region", name="Referrals, table").get_by_role("table")
    heads = table.get_by_role("columnheader").all_inner_texts()
    referred = table.get_by_role("row", name="Referred").first.get_by_role("cell").all_inner_texts()
    for centre, number in zip(heads[2:], referred[1:], strict=False):
        assert f"{centre} {number}" in heard, "the chart says what the table says"

    with manager.expect_download() as found:
        manager.get_by_role("link", name="Save all as CSV").click()
    assert found.value.suggested_filename == "numbers-2026-q2.csv"
    rows = list(csv.DictReader(found.value.path().read_text(encoding="utf-8-sig").splitlines()))
    saved = [
        row["value"] for row in rows if (row["level"], row["section"], row["figure"]) == ("centre", "referrals", "all")
    ]
    assert saved == referred[1:]
