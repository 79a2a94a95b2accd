"""A style sheet as an old browser reads it: what it does not know is left out, as if it had never been written."""

import re

from portal.web.sheet_rules import Rule, rules, written

_UNKNOWN_VALUES = re.compile(r"var\(|sticky")
_UNKNOWN_NAMES = re.compile(r"border-radius|box-shadow|transform|accent-color|--.*")
_UNKNOWN_SELECTORS = re.compile(r":focus-visible|:not\(\[")


def as_opera_mini_reads_it(sheet: str) -> str:
    """Without tokens, rounded corners, shadows and turning, and nothing stays in sight while the page scrolls.

    That is Opera Mini's extreme mode, as "Opera Mini all" has it on caniuse.com, and an Android WebView before 49.
    """
    kept = []
    for around, selector, body in rules(sheet):
        if "sticky" in around or _UNKNOWN_SELECTORS.search(selector):
            continue
        kept.append(Rule(around, selector, ";".join(one for one in body.split(";") if one and _is_known(one))))
    return written(kept)


def _is_known(declaration: str) -> bool:
    name, _, value = declaration.partition(":")
    return not (_UNKNOWN_NAMES.fullmatch(name.strip()) or _UNKNOWN_VALUES.search(value))
