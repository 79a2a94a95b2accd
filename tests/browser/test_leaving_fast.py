"""With script the page is blank at once, whatever the line does; three lone presses of Shift do the same (R4)."""

import time

import pytest

from tests.support.line import Line
from tests.support.tabs import ChromiumTab, Tab, patiently, sign_in, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("leaving")]

AT_MOST = 100.0
"""Milliseconds from the press to a blank page."""

# Kept on this site, where it can be read when the page is long gone: the first frame that shows nothing any more.
STOPWATCH = """
let pressed = 0;
for (const name of ["mousedown", "keyup"]) addEventListener(name, (event) => { pressed = event.timeStamp; }, true);
const look = () => {
  if (document.body && !document.documentElement.hidden) requestAnimationFrame(look);
  else localStorage.blank = performance.now() - pressed;
};
localStorage.clear();
requestAnimationFrame(look);
"""


@pytest.fixture
def nothing(tab_with_script: Tab) -> bytes:
    """What a screen without anything looks like."""
    tab_with_script.open("about:blank")
    return tab_with_script.picture()


@pytest.fixture
def tab(tab_with_script: Tab, nothing: bytes, portal_behind, to_portal: Line) -> Tab:
    """She is signed in and reads her plan."""
    sign_in(tab_with_script, to_portal.address, portal_behind.woman("en"))
    tab_with_script.open(f"{to_portal.address}/plan")
    return tab_with_script


def press_leave(tab: Tab) -> None:
    """Press Leave."""
    tab.press("a.leave")


def press_shift_three_times(tab: Tab) -> None:
    """Press Shift three times."""
    for _ in range(3):
        strike(tab, "Shift")


def strike(tab: Tab, *keys: str) -> None:
    """Press keys one after the other, and let go of them in the opposite order."""
    for key in keys:
        tab.down(key)
    for key in reversed(keys):
        tab.up(key)


def milliseconds_to_blank(tab: Tab, to_portal: Line) -> float:
    """What the stopwatch says, read at an address of this site that is not a page."""
    tab.open(f"{to_portal.address}/static/js/leave.js")
    return float(patiently(lambda: tab.run("return localStorage.blank")))


in_both_ways = pytest.mark.parametrize("leave", [press_leave, press_shift_three_times])


@pytest.mark.alone
@in_both_ways
def test_on_a_good_line_the_page_is_blank_within_100_ms_and_its_entry_replaced(
    tab: Tab, to_portal: Line, neutral: str, leave
):  # R4
    before = tab.history()
    tab.run(STOPWATCH)
    leave(tab)
    tab.until_at(neutral)
    assert tab.history() == [*before[:-1], neutral]
    assert milliseconds_to_blank(tab, to_portal) <= AT_MOST


@pytest.mark.alone
@in_both_ways
def test_on_a_stalled_line_the_page_is_blank_within_100_ms_and_stays_so(
    tab: Tab, to_portal: Line, nothing: bytes, leave
):  # R4
    tab.run(STOPWATCH)
    with to_portal.stalling():
        leave(tab)
        wait_until(lambda: tab.picture() == nothing)
        assert "plan" not in tab.label().lower()
        assert tab.history()[-1] == f"{to_portal.address}/"
    assert milliseconds_to_blank(tab, to_portal) <= AT_MOST


@pytest.mark.alone
@in_both_ways
def test_without_a_line_the_page_is_blank_within_100_ms(tab: Tab, to_portal: Line, leave):  # R4
    tab.run(STOPWATCH)
    tab.offline(True)
    try:
        leave(tab)
        wait_until(lambda: tab.address().startswith("about:"))
        assert "plan" not in tab.words().lower()
    finally:
        tab.offline(False)
    assert milliseconds_to_blank(tab, to_portal) <= AT_MOST


def held(tab: Tab) -> None:
    """Hold Shift until it repeats; that is one press however often it repeats."""
    for _ in range(12):
        tab.down("Shift")
    tab.up("Shift")


def with_click(tab: Tab) -> None:
    """Shift held while pressing on the page."""
    tab.down("Shift")
    tab.press("h1")
    tab.up("Shift")


WAYS = {
    "capitals": lambda tab: strike(tab, "Shift", "A"),
    "a capital after each lone press": lambda tab: (strike(tab, "Shift"), strike(tab, "A")),
    "two letters in one": lambda tab: (tab.down("Shift"), strike(tab, "A"), strike(tab, "B"), tab.up("Shift")),
    "Shift let go before the letter": lambda tab: (tab.down("Shift"), tab.down("A"), tab.up("Shift"), tab.up("A")),
    "selecting": lambda tab: strike(tab, "Shift", "ArrowLeft"),
    "going back by Tab": lambda tab: strike(tab, "Shift", "Tab"),
    "Control and Shift": lambda tab: strike(tab, "Control", "Shift"),
    "Shift and Alt": lambda tab: strike(tab, "Shift", "Alt"),
    "clicks": with_click,
}


@pytest.mark.parametrize("way", WAYS)
def test_typing_never_leaves(tab: Tab, to_portal: Line, way: str):  # R4
    for _ in range(4):
        WAYS[way](tab)
    held(tab)
    strike(tab, "Shift")  # with the one that was held: two, and two are not three
    assert not tab.run("return document.documentElement.hidden")
    assert tab.address() == f"{to_portal.address}/plan"

    def one_more_leads_out() -> bool:
        strike(tab, "Shift")  # a slow machine may not bring the third within 5 seconds of the first
        return not tab.address().startswith(to_portal.address)

    wait_until(one_more_leads_out)


def test_three_presses_too_slow_or_with_something_between_do_not_leave(tab: Tab, to_portal: Line):  # R4
    for between in ("a", "Enter", None):
        strike(tab, "Shift")
        strike(tab, "Shift")
        if between:
            strike(tab, between)
        else:
            time.sleep(5.1)
        strike(tab, "Shift")
        assert not tab.run("return document.documentElement.hidden")
        strike(tab, "a")


def test_both_shifts_together_are_not_a_lone_press(tab: Tab, to_portal: Line):  # R4
    if not isinstance(tab, ChromiumTab):
        return  # Marionette takes both for one key
    for _ in range(4):
        strike(tab, "Shift", "ShiftRight")
    assert tab.address() == f"{to_portal.address}/plan"


def test_her_other_tabs_go_too(tab: Tab, to_portal: Line, neutral: str):
    tab.begin_another()
    tab.open(f"{to_portal.address}/appointments")
    tab.press("a.leave")
    tab.until_at(neutral)
    tab.go_to(0)
    tab.until_at(neutral)


def test_back_while_leave_waits_on_a_dead_line_shows_nothing(tab: Tab, to_portal: Line, nothing: bytes):  # R3
    with to_portal.stalling():
        tab.press("a.leave")
        wait_until(lambda: tab.picture() == nothing)
        tab.back_at_once()
        for _ in range(10):
            assert tab.picture() == nothing
