"""What an old phone or Opera Mini cannot read is not in her sheet, script and pages, or stands beside what it can.

Old is an Android WebView of 2013 to 2017 (Chromium 30 to 60): decision 39 says what is left out for it and what is not.
"""

import re
from pathlib import Path

import pytest

from portal.web.sheet_rules import rules

HERS = Path("static/css/site.css")
STAFF = Path("static/css/staff.css")
SCRIPT = Path("static/js/leave.js")

UNKNOWN_PROPERTIES = re.compile(r"(?:row-|column-)?gap|inset(?:-.+)?|aspect-ratio|.+-(?:inline|block)(?:-.+)?|place-.+")
UNKNOWN_SELECTORS = re.compile(r":(?:is|where|has)\(|:not\([^()]*,|:focus-visible|:focus-within|:any-link|&")
UNKNOWN_VALUES = re.compile(r"\b(?:min|max|clamp|color-mix|light-dark)\(|\b(?:dvh|svh|lvh|grid|fixed|anywhere)\b")
NEWER_SCRIPT = re.compile(
    r"=>|`|\b(?:let|const|class|async|await|import|export|fetch|Promise|Symbol|Map|Set)\b|\.\.\.|\?\.|\?\?|\*\*"
    r"|\bfor\s*\([^;)]*\bof\b|\.(?:includes|padStart|entries|replaceAll|at|flat)\("
)


def declarations(body: str) -> list[tuple[str, str]]:
    return [
        (name.strip(), value.strip()) for name, _, value in (part.partition(":") for part in body.split(";")) if value
    ]


def unreadable(sheet: str) -> list[str]:
    """The rules that an old phone leaves out, whole or in part, with nothing that it reads in their place."""
    wrong = []
    for around, selector, body in rules(sheet):
        if around.startswith("@supports"):
            continue  # who does not know what is asked for does not read it, and nobody who does is old
        before: dict[str, list[str]] = {}
        for name, value in declarations(body):
            if UNKNOWN_PROPERTIES.fullmatch(name) or (UNKNOWN_VALUES.search(value) and name not in before):
                wrong.append(f"{selector}: {name}: {value}")
            before.setdefault(name, []).append(value)
        if UNKNOWN_SELECTORS.search(selector) and not removes_only(body):
            wrong.append(selector)
    return wrong


def removes_only(body: str) -> bool:
    """Whether an old phone that leaves this out shows more, not less."""
    return all(value in ("0", "none") for _, value in declarations(body))


def test_her_sheet_is_read_by_old_phones():
    assert unreadable(HERS.read_text()) == []


@pytest.mark.parametrize("sheet", [HERS, STAFF])
def test_no_rule_stands_in_another_and_nothing_is_fixed_to_the_screen(sheet):
    values = [(selector, value) for _, selector, body in rules(sheet.read_text()) for value in declarations(body)]
    assert [selector for selector, value in values if value == ("position", "fixed")] == []


def test_her_bar_stays_by_both_names_and_leave_has_colours_without_tokens():
    """Before Chromium 49 no token is known; Leave and the buttons must look like buttons all the same."""
    by_selector: dict[str, list[tuple[str, str]]] = {}
    for around, selector, body in rules(HERS.read_text()):
        if not around:
            by_selector.setdefault(selector, []).extend(declarations(body))
    assert ("position", "-webkit-sticky") in by_selector[".top"]
    for selector, name in ((".leave", "color"), (".leave", "background"), (".btn", "color"), (".btn", "background"),
                           (".quiet", "color")):  # fmt: skip
        values = [value for one, value in by_selector[selector] if one == name]
        assert len(values) > 1 and values[0].startswith("#"), f"{selector} {name}: {values}"


def test_the_keyboard_is_seen_where_focus_visible_is_not_known():
    outlines = [
        (selector, dict(declarations(body)).get("outline", "").split(" ")[0])
        for _, selector, body in rules(HERS.read_text())
        if "outline" in dict(declarations(body))
    ]
    assert (":focus", "3px") in outlines
    assert all("focus-visible" in selector or selector == "main:focus" for selector, width in outlines if width == "0")


@pytest.mark.parametrize(
    "sheet",
    [
        "a{margin-inline-start:1rem}", "a{display:flex;gap:1rem}", "a{inset:0}", "a{aspect-ratio:1}",
        "a:is(b,i){color:red}", "input:not([a],[b]){color:red}", "a{width:min(1rem,2rem)}", "a{display:grid}",
        ":focus-visible{outline:3px solid}", "@media print{a{padding-block:1rem}}", "a{overflow-wrap:anywhere}",
        "a{position:fixed}",
    ],
)  # fmt: skip
def test_what_old_phones_cannot_read_is_found(sheet):
    assert unreadable(sheet)


@pytest.mark.parametrize("sheet", ["a{b{color:red}}", "a{color:red;&:hover{top:0}}", "a{color:red"])
def test_a_nested_rule_is_found(sheet):
    with pytest.raises(ValueError, match="a rule inside a rule"):
        rules(sheet)


@pytest.mark.parametrize(
    "sheet",
    [
        "a{width:50%;width:calc(50% - 1px)}", "a{height:5rem;height:max(5rem,1vh)}", "@supports(gap:1px){a{gap:1px}}",
        ":focus:not(:focus-visible){outline:0}", "@media(min-width:3rem){a{margin-left:0}}", "a{margin:0}/* gap */",
    ],
)  # fmt: skip
def test_what_has_a_fallback_is_let_through(sheet):
    assert unreadable(sheet) == []


def plain(script: str) -> str:
    """A script without its comments and strings."""
    return re.sub(r'(?m)^\s*//.*$|"(?:[^"\\\n]|\\.)*"', '""', script)


def test_her_script_is_that_of_2009():
    assert NEWER_SCRIPT.findall(plain(SCRIPT.read_text())) == []


@pytest.mark.parametrize(
    "script", ["f(() => 1)", "let a = 1", "a?.b", "for (const a of b) {}", "`a`", "fetch(a)", "f(...a)"]
)
def test_a_newer_script_is_found(script):
    assert NEWER_SCRIPT.search(plain(script))


def test_her_pages_ask_for_no_event_that_opera_mini_has_not():
    """Its server runs scripts when a page is loaded and when something is pressed; nothing may wait for more."""
    for template in Path("templates").rglob("*.html"):
        if "staff" in template.parts or template.name == "staff.html":
            continue
        page = template.read_text()
        assert not re.search(
            r"<(?:dialog|template|details name|input type=\"(?:search|color|range))|popover|commandfor", page
        )
        assert not re.search(r"<script(?! src=\"\{\{ asset\('js/leave\.js'\) \}\}\" defer>)", page), template
