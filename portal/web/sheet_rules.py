"""The rules of a style sheet, and those of them that a page can use. Pure."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import NamedTuple

_PART = re.compile(r"\s*(?:(@[^{]*)\{|([^{}]+)\{([^{}]*)\}|(\}))")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
_NEVER_IN_THE_PAGE = re.compile(r":not\([^)]*\)|::?[\w-]+")
"""What asks for a state or for what is not there; everything else in a selector names what stands in the page."""
_BETWEEN_TAGS = re.compile(r"\s*[>+~]\s*|\s+")
_ASKED = re.compile(r"[.#]?[\w-]+|\[[\w-]+(?:=[\w-]+)?")
_FOR_OLD_ONES = re.compile(r"(?<![\w-])([\w-]+):[^;]*;(?=\1:)")
_TAG = re.compile(r"<([a-z][\w-]*)([^<>]*)>")
_ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")


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
    pieces = []
    for around, inside in groupby(listed, key=lambda rule: rule.around):
        together = "".join(f"{rule.selector}{{{rule.body}}}" for rule in inside)
        pieces.append(f"{around}{{{together}}}" if around else together)
    return "".join(pieces)


def for_new_browsers(listed: Iterable[Rule]) -> list[Rule]:
    """The rules without a value that stands before another of the same name for browsers that do not know the other."""
    return [rule._replace(body=_FOR_OLD_ONES.sub("", rule.body)) for rule in listed]


def used_by(listed: Iterable[Rule], html: str) -> list[Rule]:
    """The rules for whose selectors each part finds a tag of the page, wherever it stands: rather one too many.

    Selectors that hold others, as `:is()` does, and animations are not understood; a test keeps them out of the sheet.
    """
    tags = {_says(name, attributes) for name, attributes in _TAG.findall(html)}
    used = []
    for rule in listed:
        selectors = [
            one
            for one in _BETWEEN_SELECTORS.split(rule.selector)
            if all(any(part <= tag for tag in tags) for part in parts(one))
        ]
        if selectors:
            used.append(rule._replace(selector=",".join(selectors)))
    return used


@cache
def parts(selector: str) -> list[frozenset[str]]:
    """What a selector asks of each tag that it speaks of, as "p", ".card", "#m", "[dir" and "[dir=rtl"."""
    bare = _NEVER_IN_THE_PAGE.sub("", selector).replace("*", "")
    return [frozenset(_ASKED.findall(part)) for part in _BETWEEN_TAGS.split(bare)]


def _says(tag: str, attributes: str) -> frozenset[str]:
    said = {tag}
    for name, *values in _ATTRIBUTE.findall(attributes):
        value = "".join(values)
        said |= {f"[{name}", f"[{name}={value}"}
        if name == "class":
            said |= {f".{word}" for word in value.split()}
        elif name == "id":
            said.add(f"#{value}")
    return frozenset(said)
