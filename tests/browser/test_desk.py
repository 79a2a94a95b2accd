"""The desk's board in a real Chromium: keys, names hidden at once, the same presses without script."""

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from portal.core import clock
from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(params=["script", "no script"])
def board(chromium: Browser, portal: LivePortal, request):
    """Sam's board at a desk's screen, with script and without."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, java_script_enabled=request.param == "script", locale="en-GB"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    sam = next(one for one in portal.demo["staff"] if one["email"].startswith("sam"))
    page.goto(f"{portal.address}/staff/sign-in")
    page.fill("#email", sam["email"])
    page.fill("#password", sam["password"])
    page.locator("main button").click()
    # A code is used once only: the second run takes the next one, which is taken early too.
    late = 0 if request.param == "script" else 30
    page.fill("#code", pyotp.TOTP(sam["totp_secret"]).at(clock.real_now(), late // 30))
    page.locator("main button").click()
    page.goto(f"{portal.address}/staff/today")
    page.with_script = request.param == "script"
    yield page
    context.close()


def test_the_board_shows_whom_to_call_out_and_hides_all_names_with_one_key(board: Page):
    expect(board.locator(".board .name").first).not_to_have_text("Hidden")
    if board.with_script:
        board.keyboard.press("h")
    else:
        board.locator("#hide").click()
    board.wait_for_url("**hide=1**")
    names = board.locator(".name").all_inner_texts()
    assert names and set(names) == {"Hidden"}


def test_finding_needs_no_mouse_and_leaves_no_words_in_the_address(board: Page):
    if board.with_script:
        board.keyboard.press("/")
    else:
        board.locator("#find").focus()
    expect(board.locator("#find")).to_be_focused()
    board.keyboard.type("Rosamunde")
    board.keyboard.press("Enter")
    board.wait_for_url("**/staff/find")
    assert "Rosamunde" not in board.url


def test_a_mark_is_one_press(board: Page):
    row = board.locator(".board tr", has=board.locator("button[value=arrived]")).first
    row.locator("button[value=arrived]").click()
    expect(board.locator(".tag", has_text="Waiting").first).to_be_visible()
    board.locator("button[value=undo]").first.click()
