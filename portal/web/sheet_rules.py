"""The rules of a style sheet, and those of them that a page can use. Pure."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

_PART = re.compile(r"\s*(?:(@[^{]*)\{|([^{}]+)\{([^{}]*)\}|(\}))")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
_NEVER_IN_THE_PAGE = re.compile(r":not\([^)]*\)|::?[\w-]+")
"""What asks for a state or for what is not there; everything else in a selector names what stands in the page."""
_TAG = re.compile(r"<[a-z][^<>]*>")
_NAME = re.compile(r"[\w-]+")


class Rule(NamedTuple):
    """One rule: what stands around it, such as "@media print" or nothing, its selector and its declarations."""

    around: str
    selector: str
    body: str


def rules(sheet: str) -> list[Rule]:
    """Each rule of a sheet, in its order; raises ValueError on one inside another or one that never ends."""
    found, around, rest = [], "", _COMMENT.sub("", sheet)
    while part := _PART.match(rest):
        opens, selector, body, closes = part.groups()
        around = opens.strip() if opens else "" if closes else around
        if selector:
            found.append(Rule(around, selector.strip(), body))
        rest = rest[part.end() :]
    if rest.strip():
        raise ValueError(f"a rule inside a rule, or one that never ends: {rest.strip()[:80]}")
    return found


def written(listed: Iterable[Rule]) -> str:
    """The rules as a sheet again."""
    parts = []
    for around, inside in groupby(listed, key=lambda rule: rule.around):
        together = "".join(f"{rule.selector}{{{rule.body}}}" for rule in inside)
        parts.append(f"{around}{{{together}}}" if around else together)
    return "".join(parts)


def used_by(listed: Iterable[Rule], html: str) -> list[Rule]:
    """The rules whose selectors name only what the tags of a page name; rather one too many than one too few.

    Selectors that hold others, as `:is()` does, and animations are not understood; a test keeps them out of the sheet.
    """
    there = {name for tag in _TAG.findall(html) for name in _NAME.findall(tag)}
    used = []
    for rule in listed:
        selectors = [one for one in _BETWEEN_SELECTORS.split(rule.selector) if names(one) <= there]
        if selectors:
            used.append(rule._replace(selector=",".join(selectors)))
    return used


def names(selector: str) -> set[str]:
    """The tags, classes, attributes and values that a selector asks for."""
    return set(_NAME.findall(_NEVER_IN_THE_PAGE.sub("", selector)))
