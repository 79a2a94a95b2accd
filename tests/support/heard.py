"""What somebody hears who has the page read out: the browser's own accessibility tree, one line for each thing said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

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
