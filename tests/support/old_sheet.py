"""A style sheet as an old browser reads it: what it does not know is left out, as if it had never been written."""

import re

_PART = re.compile(r"\s*(?:(@(?:media|supports)[^{]*)\{|([^{}]+)\{([^{}]*)\}|(\}))")
_UNKNOWN_VALUES = re.compile(r"var\(|sticky")
_UNKNOWN_NAMES = re.compile(r"border-radius|box-shadow|transform|accent-color|--.*")
_UNKNOWN_SELECTORS = re.compile(r":focus-visible|:not\(\[")


def rules(sheet: str) -> list[tuple[str, str, str]]:
    """Each rule as what stands around it, its selector and its declarations; fails on one inside another."""
    found, around, rest = [], "", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    while part := _PART.match(rest):
        opens, selector, body, closes = part.groups()
        around = opens.strip() if opens else "" if closes else around
        if selector:
            found.append((around, selector.strip(), body))
        rest = rest[part.end() :]
    assert not rest.strip(), f"a rule inside a rule, or one that never ends: {rest.strip()[:80]}"
    return found


def as_opera_mini_reads_it(sheet: str) -> str:
    """Without tokens, rounded corners, shadows and turning, and nothing stays in sight while the page scrolls.

    That is Opera Mini's extreme mode, as "Opera Mini all" has it on caniuse.com, and an Android WebView before 49.
    """
    kept = []
    for around, selector, body in rules(sheet):
        known = ";".join(one for one in body.split(";") if one and _is_known(one))
        if "sticky" in around or _UNKNOWN_SELECTORS.search(selector):
            continue
        kept.append(f"{around}{{{selector}{{{known}}}}}" if around else f"{selector}{{{known}}}")
    return "\n".join(kept)


def _is_known(declaration: str) -> bool:
    name, _, value = declaration.partition(":")
    return not (_UNKNOWN_NAMES.fullmatch(name.strip()) or _UNKNOWN_VALUES.search(value))
