"""What somebody hears who has the page read out: the browser's own accessibility tree, one line for each thing said.

`python -m tests.support.heard` writes anew what is heard on six pages of hers; read the difference before you keep it.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import live
from tests.support.tabs import PHONE

RECORDED = Path(__file__).resolve().parent.parent / "browser" / "heard"
NOW = "2026-12-01T10:00:00+00:00"
PUBLIC = {"front": "/", "sign-in": "/sign-in", "now": "/now"}
HERS = {"today": "/today", "plan": "/plan", "book": "/appointments/new?kind=4&centre=2&worker=5"}
WOMAN = "Quiet Harbour 12"

LANDMARKS = ("banner", "main", "navigation", "contentinfo", "complementary", "search", "region", "form")
CONTROLS = ("link", "button", "textbox", "checkbox", "radio", "combobox", "spinbutton", "searchbox", "Date",
            "DisclosureTriangle", "DisclosureTriangleGrouped", "switch", "slider", "option")  # fmt: skip
_SAID_WHOLE = ("heading", "link", "button", "checkbox", "radio", "combobox", "textbox", "img", "image", "legend",
               "LabelText", "DisclosureTriangle", "DisclosureTriangleGrouped", "caption", "columnheader")  # fmt: skip
"""Roles whose words are said with them, not once more inside."""
_AROUND = ("legend", "LabelText")
"""A label around its own field is said with the field."""
_PIECES = ("StaticText", "LineBreak", "InlineTextBox")


@dataclass
class Heard:
    """One thing that is said: its role, its name, what is said of it besides, and what lies inside."""

    role: str
    name: str
    about: dict[str, Any]
    node: int
    inside: list["Heard"] = field(default_factory=list)

    def all(self) -> Iterator["Heard"]:
        """This and everything inside, in the order in which it is said."""
        yield self
        for one in self.inside:
            yield from one.all()


def tree(page: Page) -> Heard:
    """The accessibility tree of a page as the browser gives it to a screen reader; what is ignored is left out."""
    session = page.context.new_cdp_session(page)
    try:
        nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    finally:
        session.detach()

    def inside(node: dict) -> list[Heard]:
        found: list[Heard] = []
        for number in node.get("childIds", ()):
            child = nodes.get(number)
            if child is None:
                continue
            found += (
                inside(child) if child.get("ignored") or _value(child, "role") in ("generic", "none") else [made(child)]
            )
        return found

    def made(node: dict) -> Heard:
        about = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
        about["description"] = _value(node, "description")
        return Heard(_value(node, "role"), _value(node, "name"), about, node.get("backendDOMNodeId", 0), inside(node))

    return made(next(node for node in nodes.values() if not node.get("parentId")))


def _value(node: dict, name: str) -> str:
    return str(node.get(name, {}).get("value", "")).strip()


def lines(page: Page) -> list[str]:
    """The page as it is heard, its landmarks set in."""
    return [f"title “{page.title()}”", *(line for one in tree(page).inside for line in _said(one, 0))]


def _said(one: Heard, depth: int) -> list[str]:
    edge = "  " * depth
    if one.role in _PIECES:
        return [f"{edge}{one.name}"] if one.name else []
    if one.role == "paragraph" and not any(each.role in CONTROLS for each in one.all()):
        return [f"{edge}{_words(one)}"] if _words(one) else []
    if one.role in _SAID_WHOLE and not (one.role in _AROUND and any(each.role in CONTROLS for each in one.inside)):
        return [f"{edge}{one.role}{_level(one)} “{one.name or _words(one)}”{_state(one)}"]
    deeper = depth + 1 if one.role in (*LANDMARKS, "group", "alert", "status", "table") else depth
    pieces = [each for each in one.inside if one.role not in _AROUND or each.role in CONTROLS]
    said = [line for each in pieces for line in _said(each, deeper)]
    named = one.role in (*LANDMARKS, "group", "alert", "status", "table")
    return [f"{edge}{one.role}{f' “{one.name}”' if one.name else ''}", *said] if named and said else said


def _words(one: Heard) -> str:
    return " ".join(" ".join(each.name for each in one.all() if each.role == "StaticText").split())


def _level(one: Heard) -> str:
    return f" {one.about['level']}" if one.role == "heading" else ""


def _state(one: Heard) -> str:
    said = [word for word in ("required", "invalid", "checked", "expanded") if one.about.get(word) in (True, "true")]
    said += ["not checked"] if one.role in ("checkbox", "radio") and "checked" not in said else []
    return "".join(f", {word}" for word in said) + (f". {one.about['description']}" if one.about["description"] else "")


def six_pages(browser: Browser, portal: live.LivePortal) -> dict[str, str]:
    """What is heard on each of the six, by its name."""
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    page = context.new_page()
    found = {name: _read(page, f"{portal.address}{path}") for name, path in PUBLIC.items()}
    woman = next(one for one in portal.demo["clients"] if one["code_name"] == WOMAN)
    sign_in(page, portal, woman)
    found |= {name: _read(page, f"{portal.address}{path}") for name, path in HERS.items()}
    context.close()
    return found


def sign_in(page: Page, portal: live.LivePortal, woman: dict) -> None:
    """In, and her passcode asked once more, so that the sensitive pages are open."""
    for path in ("/sign-in", "/step-up"):
        page.goto(f"{portal.address}{path}")
        if path == "/sign-in":
            page.locator("#code_name").fill(woman["code_name"])
        page.locator("#passcode").fill(woman["passcode"])
        with page.expect_navigation():
            page.locator("#passcode").press("Enter")


def _read(page: Page, address: str) -> str:
    page.goto(address)
    return "\n".join(lines(page)) + "\n"


def write() -> None:
    """Record what is heard."""
    RECORDED.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        live.portal(Path(folder), worker=False, settings={"PORTAL_NOW": NOW}) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=live.chromium(), args=["--no-sandbox"])
        for name, said in six_pages(browser, portal).items():
            (RECORDED / f"{name}.txt").write_text(said, encoding="utf-8")
        browser.close()


if __name__ == "__main__":
    write()
