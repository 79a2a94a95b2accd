"""The desk's board in a real Chromium: keys, names hidden at once, the same presses without script."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module", params=["script", "no script"])
def board(chromium: Browser, portal: LivePortal, request):
    """A receptionist's board at a desk's screen, with script and, of another one, without."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, java_script_enabled=request.param == "script", locale="en-GB"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    desks = [one for one in portal.demo["staff"] if one["role"] == "receptionist"]
    sam = desks[0 if request.param == "script" else 1]
    page.goto(f"{portal.address}/staff/sign-in")
    page.fill("#email", sam["email"])
    page.fill("#password", sam["password"])
    page.locator("main button.main").click()
    page.fill("#code", portal.next_code(sam))
    page.locator("main button.main").click()
    page.with_script = request.param == "script"
    page.board = f"{portal.address}/staff/today"
    yield page
    context.close()


@pytest.fixture(autouse=True)
def at_the_board(board: Page):
    """Each test begins on the board."""
    board.goto(board.board)


def test_the_board_shows_whom_to_call_out_and_hides_all_names_with_one_key(board: Page):
    expect(board.locator(".board .name").first).not_to_have_text("Hidden")
    if board.with_script:
        board.keyboard.press("F8")
    else:
        board.locator("#hide").click()
    board.wait_for_url("**hide=1**")
    names = board.locator(".name").all_inner_texts()
    assert names and set(names) == {"Hidden"}


def test_finding_needs_no_mouse_and_leaves_no_words_in_the_address(board: Page):
    if board.with_script:
        board.keyboard.press("F2")
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
