"""One way to drive a tab of either browser, as she and whoever takes her phone would: press, Back, Forward, reopen."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from playwright.sync_api import BrowserContext, Error, Playwright

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
        """Press a link or a button."""

    def back(self) -> None:
        """Press Back; at the first page nothing happens."""

    def forward(self) -> None:
        """Press Forward; at the last page nothing happens."""

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

    def steps(self) -> int:
        """How many pages the history of this tab holds."""

    def cookies(self) -> dict[str, str]:
        """Value by name of every cookie of the page shown."""


class ChromiumTab:
    """A tab of a Chromium whose memory of pages is on and that can reopen closed tabs."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page = context.new_page()

    def open(self, address: str) -> None:
        self.page.goto(address)

    def fill(self, selector: str, typed: str) -> None:
        self.page.locator(selector).fill(typed)

    def press(self, selector: str) -> None:
        self.page.locator(selector).click()
        self._settle()

    def back(self) -> None:
        self._move(self.page.go_back)

    def forward(self) -> None:
        self._move(self.page.go_forward)

    def _move(self, move) -> None:
        with suppress(Error):
            move(wait_until="commit")
        self._settle()

    def _settle(self) -> None:
        # A page that comes from the browser's memory fires no load event, so it is asked how far it is.
        until = time.monotonic() + LONGEST / 1000
        while time.monotonic() < until:
            with suppress(Error):
                if self.page.evaluate("document.readyState") == "complete":
                    return
            time.sleep(0.02)
        raise AssertionError(f"{self.page.url} did not load")

    def close_and_reopen(self) -> None:
        self.page.close()
        reopener = self.context.service_workers[0] if self.context.service_workers else None
        if reopener is None:
            reopener = self.context.wait_for_event("serviceworker")
        with self.context.expect_page() as opened:
            reopener.evaluate("chrome.sessions.restore()")
        self.page = opened.value
        self._settle()

    def address(self) -> str:
        return self.page.url.replace("chrome-error:", "about:")

    def until_at(self, address: str) -> None:
        self.page.wait_for_url(address)

    def until_there(self, selector: str) -> None:
        self.page.locator(selector).first.wait_for(state="attached")

    def back_from_memory(self) -> bool:
        session = self.context.new_cdp_session(self.page)
        kinds: list[str] = []
        session.on("Page.frameNavigated", lambda event: kinds.append(event["type"]))
        session.send("Page.enable")
        self.back()
        session.detach()
        return kinds == ["BackForwardCacheRestore"]

    def words(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    def steps(self) -> int:
        session = self.context.new_cdp_session(self.page)
        try:
            return len(session.send("Page.getNavigationHistory")["entries"])
        finally:
            session.detach()

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
        self.firefox.tell("WebDriver:ElementClick", id=self._find(selector))

    def back(self) -> None:
        self._move("WebDriver:Back")

    def forward(self) -> None:
        self._move("WebDriver:Forward")

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
        until = time.monotonic() + LONGEST / 1000
        while self.address() != address or self.firefox.run("return document.readyState") != "complete":
            assert time.monotonic() < until, f"still at {self.address()}"
            time.sleep(0.05)

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
        return " ".join(self.firefox.tell("WebDriver:GetElementText", id=self._find("body")).split())

    def steps(self) -> int:
        return self.firefox.run("return gBrowser.selectedBrowser.browsingContext.sessionHistory.count", chrome=True)

    def cookies(self) -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.firefox.tell("WebDriver:GetCookies")}

    def _find(self, selector: str) -> str:
        found = self.firefox.tell("WebDriver:FindElement", using="css selector", value=selector)
        return next(iter(found.values()))
