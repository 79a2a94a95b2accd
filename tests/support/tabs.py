"""One way to drive a tab of either browser, as she and whoever takes her phone would: press, Back, Forward, reopen."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.support import live
from tests.support.marionette import Firefox, Refused

PHONE = {"width": 320, "height": 480}
LONGEST = 20_000
"""Milliseconds that a page may take under load; a wait ends as soon as it is there."""


class Tab(Protocol):
    """The tab in front."""

    def open(self, address: str) -> None:
        """Type an address."""

    def fill(self, selector: str, typed: str) -> None:
        """Type into a field, in place of what it holds."""

    def press(self, selector: str) -> None:
        """Press a link or a button; what follows is waited for apart."""

    def back(self) -> None:
        """Press Back; at the first page nothing happens."""

    def back_at_once(self) -> None:
        """Press Back and wait for nothing."""

    def forward(self) -> None:
        """Press Forward; at the last page nothing happens."""

    def begin_another(self) -> None:
        """Open a further tab, and go to it."""

    def go_to(self, number: int) -> None:
        """Go to a tab, counted from 0."""

    def close_and_reopen(self) -> None:
        """Close the tab and have the browser open the closed tab again."""

    def address(self) -> str:
        """The address of what is shown; about:… for a page of the browser's own."""

    def until_at(self, address: str) -> None:
        """Wait until a page is shown whole."""

    def until_there(self, selector: str) -> None:
        """Wait until the page has such an element."""

    def back_from_memory(self) -> bool:
        """Press Back; whether the page came from the browser's back/forward memory."""

    def words(self) -> str:
        """Every word shown, with single spaces."""

    def history(self) -> list[str]:
        """The addresses that this tab holds, from the first to the last."""

    def label(self) -> str:
        """What is written on the tab."""

    def run(self, script: str) -> Any:
        """What script returns that runs in the page."""

    def down(self, key: str) -> None:
        """Press a key and hold it; held already, it repeats."""

    def up(self, key: str) -> None:
        """Let go of a key."""

    def offline(self, off: bool) -> None:
        """Take the phone off the network, or back on it."""

    def picture(self) -> bytes:
        """What the screen shows."""

    def cookies(self) -> dict[str, str]:
        """Value by name of every cookie of the page shown."""


def patiently(ask: Callable[[], Any]) -> Any:
    """What asking gives; a page that is just going cannot answer, so it is asked again."""
    until = time.monotonic() + LONGEST / 1000
    while True:
        try:
            return ask()
        except (Error, Refused):
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def wait_until(fact: Callable[[], object]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + LONGEST / 1000
    while not patiently(fact):
        assert time.monotonic() < until, "it did not come to be so"
        time.sleep(0.02)


class ChromiumTab:
    """A tab of a Chromium whose memory of pages is on and that can reopen closed tabs."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self._pages = [context.new_page()]
        self.go_to(0)

    def _take(self, page: Page) -> None:
        self.page = page
        self._browser = self.context.new_cdp_session(page)
        # A tab behind another one gives no picture.
        self._tell("Page.bringToFront")

    def open(self, address: str) -> None:
        self.page.goto(address)

    def fill(self, selector: str, typed: str) -> None:
        self.page.locator(selector).fill(typed)

    def press(self, selector: str) -> None:
        self.page.locator(selector).click(no_wait_after=True)

    def back(self) -> None:
        self._move(self.page.go_back)

    def back_at_once(self) -> None:
        history = self._tell("Page.getNavigationHistory")
        before = history["entries"][history["currentIndex"] - 1]
        self._browser.send("Page.navigateToHistoryEntry", {"entryId": before["id"]})

    def forward(self) -> None:
        self._move(self.page.go_forward)

    def begin_another(self) -> None:
        self._pages.append(self.context.new_page())
        self.go_to(-1)

    def go_to(self, number: int) -> None:
        self._take(self._pages[number])

    def _move(self, move) -> None:
        with suppress(Error):
            move(wait_until="commit")
        self._settle()

    def _settle(self) -> None:
        # A page that comes from the browser's memory fires no load event, so it is asked how far it is.
        wait_until(lambda: self.page.evaluate("document.readyState") == "complete")

    def close_and_reopen(self) -> None:
        self.page.close()
        reopener = self.context.service_workers[0] if self.context.service_workers else None
        if reopener is None:
            reopener = self.context.wait_for_event("serviceworker")
        with self.context.expect_page() as opened:
            reopener.evaluate("chrome.sessions.restore()")
        self._take(opened.value)
        self._settle()

    def address(self) -> str:
        return patiently(lambda: self.page.evaluate("location.href")).replace("chrome-error:", "about:")

    def until_at(self, address: str) -> None:
        self.page.wait_for_url(address)

    def until_there(self, selector: str) -> None:
        self.page.locator(selector).first.wait_for(state="attached")

    def back_from_memory(self) -> bool:
        kinds: list[str] = []
        self._browser.on("Page.frameNavigated", lambda event: kinds.append(event["type"]))
        self._tell("Page.enable")
        self.back()
        self._tell("Page.disable")
        return kinds == ["BackForwardCacheRestore"]

    def words(self) -> str:
        return " ".join(patiently(self.page.locator("body").inner_text).split())

    def history(self) -> list[str]:
        return [entry["url"] for entry in self._tell("Page.getNavigationHistory")["entries"]]

    def label(self) -> str:
        return self._tell("Target.getTargetInfo")["targetInfo"]["title"]

    def run(self, script: str) -> Any:
        return self.page.evaluate(f"() => {{ {script} }}")

    def down(self, key: str) -> None:
        self.page.keyboard.down(key)

    def up(self, key: str) -> None:
        self.page.keyboard.up(key)

    def offline(self, off: bool) -> None:
        self.context.set_offline(off)

    def picture(self) -> bytes:
        # Asked of the browser: the page itself answers nothing while it waits for the next one.
        return base64.b64decode(patiently(lambda: self._tell("Page.captureScreenshot"))["data"])

    def _tell(self, command: str) -> Any:
        return self._browser.send(command)

    def cookies(self) -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.context.cookies(self.page.url)}


@contextmanager
def chromium(playwright: Playwright, folder: Path, *, script: bool) -> Iterator[ChromiumTab]:
    """Debian's Chromium on a fresh profile, as it is on her phone: what playwright switches off is on."""
    reopener = folder / "reopener"
    reopener.mkdir()
    manifest = {"manifest_version": 3, "name": "Reopener", "version": "1", "permissions": ["sessions"]}
    (reopener / "manifest.json").write_text(json.dumps(manifest | {"background": {"service_worker": "none.js"}}))
    (reopener / "none.js").write_text("")
    context = playwright.chromium.launch_persistent_context(
        str(folder / "profile"),
        executable_path=live.chromium(),
        viewport=PHONE,
        locale="en-GB",
        java_script_enabled=script,
        ignore_default_args=["--disable-back-forward-cache", "--disable-extensions"],
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--ignore-certificate-errors",
            f"--load-extension={reopener}",
        ],
    )
    context.set_default_timeout(LONGEST)
    try:
        yield ChromiumTab(context)
    finally:
        context.close()


_REOPEN = """
const done = arguments[arguments.length - 1];
const spare = gBrowser.addTrustedTab("about:blank"), closing = gBrowser.selectedTab;
const closed = new Promise((resolve) => {
  Services.obs.addObserver(function seen() {
    Services.obs.removeObserver(seen, "sessionstore-closed-objects-changed"); resolve();
  }, "sessionstore-closed-objects-changed");
});
gBrowser.selectedTab = spare;
gBrowser.removeTab(closing);
closed.then(() => {
  const tab = SessionStore.undoCloseTab(window, 0);
  gBrowser.selectedTab = tab;
  tab.addEventListener("SSTabRestored", () => { gBrowser.removeTab(spare); done(true); }, { once: true });
});
"""


_KEYS = {
    "Shift": "\ue008",
    "Control": "\ue009",
    "Alt": "\ue00a",
    "Tab": "\ue004",
    "ArrowLeft": "\ue012",
    "Enter": "\ue007",
    "ShiftRight": "\ue050",
}
"""WebDriver's signs for keys without a letter."""


class FirefoxTab:
    """A tab of Firefox."""

    def __init__(self, firefox: Firefox, *, script: bool) -> None:
        """A new tab without history or cookies, the only one; script is a setting that the next page follows."""
        self.firefox = firefox
        firefox.run("Services.prefs.setBoolPref('javascript.enabled', arguments[0])", script, chrome=True)
        before = firefox.tell("WebDriver:GetWindowHandles")
        opened = firefox.tell("WebDriver:NewWindow", type="tab")["handle"]
        for handle in before:
            firefox.tell("WebDriver:SwitchToWindow", handle=handle)
            firefox.tell("WebDriver:CloseWindow")
        firefox.tell("WebDriver:SwitchToWindow", handle=opened)
        firefox.run("Services.cookies.removeAll()", chrome=True)

    def open(self, address: str) -> None:
        self.firefox.tell("WebDriver:Navigate", url=address)

    def fill(self, selector: str, typed: str) -> None:
        field = self._find(selector)
        self.firefox.tell("WebDriver:ElementClear", id=field)
        self.firefox.tell("WebDriver:ElementSendKeys", id=field, text=typed)

    def press(self, selector: str) -> None:
        link = self._find(selector)
        try:
            self.firefox.tell("WebDriver:ElementClick", id=link)
        except Refused as refusal:
            # Where the line is dead the press leads to a page of the browser's own, and that is no fault of the press.
            if "error page" not in str(refusal):
                raise

    def back(self) -> None:
        self._move("WebDriver:Back")

    def back_at_once(self) -> None:
        self.firefox.run("gBrowser.goBack()", chrome=True)

    def forward(self) -> None:
        self._move("WebDriver:Forward")

    def begin_another(self) -> None:
        self.firefox.tell("WebDriver:NewWindow", type="tab")
        self.go_to(-1)

    def go_to(self, number: int) -> None:
        handles = self.firefox.tell("WebDriver:GetWindowHandles")
        self.firefox.tell("WebDriver:SwitchToWindow", handle=handles[number])

    def _move(self, command: str) -> None:
        # A page of the browser's own, such as "Document Expired", is reported as an error.
        with suppress(Refused):
            self.firefox.tell(command)

    def close_and_reopen(self) -> None:
        self.firefox.wait_in_browser(_REOPEN)
        self.firefox.tell("WebDriver:SwitchToWindow", handle=self.firefox.tell("WebDriver:GetWindowHandles")[0])

    def address(self) -> str:
        return self.firefox.run("return gBrowser.selectedBrowser.documentURI.spec", chrome=True)

    def until_at(self, address: str) -> None:
        wait_until(lambda: self.address() == address and self.run("return document.readyState") == "complete")

    def until_there(self, selector: str) -> None:
        self._find(selector)

    def back_from_memory(self) -> bool:
        kept = self.firefox.run(
            "const history = gBrowser.selectedBrowser.browsingContext.sessionHistory;"
            "return history.getEntryAtIndex(history.index - 1).isInBFCache",
            chrome=True,
        )
        self.back()
        return kept

    def words(self) -> str:
        shown = patiently(lambda: self.firefox.tell("WebDriver:GetElementText", id=self._find("body")))
        return " ".join(shown.split())

    def history(self) -> list[str]:
        return self.firefox.run(
            "const history = gBrowser.selectedBrowser.browsingContext.sessionHistory;"
            "return [...Array(history.count).keys()].map((i) => history.getEntryAtIndex(i).URI.spec)",
            chrome=True,
        )

    def label(self) -> str:
        return self.firefox.run("return gBrowser.selectedTab.label", chrome=True)

    def run(self, script: str) -> Any:
        return self.firefox.run(script)

    def down(self, key: str) -> None:
        self._key("keyDown", key)

    def up(self, key: str) -> None:
        self._key("keyUp", key)

    def _key(self, kind: str, key: str) -> None:
        action = {"type": kind, "value": _KEYS.get(key, key)}
        self.firefox.tell("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": [action]}])

    def offline(self, off: bool) -> None:
        self.firefox.run("Services.io.offline = arguments[0]", off, chrome=True)

    def picture(self) -> bytes:
        return base64.b64decode(self.firefox.tell("WebDriver:TakeScreenshot", full=False, hash=False))

    def cookies(self) -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.firefox.tell("WebDriver:GetCookies")}

    def _find(self, selector: str) -> str:
        found = self.firefox.tell("WebDriver:FindElement", using="css selector", value=selector)
        return next(iter(found.values()))


def sign_in(tab: Tab, portal: str, woman: dict) -> None:
    """From the front page to her own page, with one mistake on the way, which leaves a posted page behind."""
    tab.open(f"{portal}/")
    tab.press("button[value=start]")
    tab.until_at(f"{portal}/sign-in")
    tab.fill("#code_name", woman["code_name"])
    tab.fill("#passcode", "000000")
    tab.press("main button.btn")
    tab.until_there("#faults")
    tab.fill("#passcode", woman["passcode"])
    tab.press("main button.btn")
    tab.until_at(f"{portal}/today")
