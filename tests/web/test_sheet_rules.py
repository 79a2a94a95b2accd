"""Of a style sheet, the rules that a page can use: none too few, in their order."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.sheet_rules import for_new_browsers, parts, rules, used_by, written

SHEET = re.sub(r"/\*.*?\*/", "", Path("static/css/site.css").read_text(encoding="utf-8"), flags=re.DOTALL)

RULES = rules(SHEET)
ASKED = [(one, parts(one)) for rule in RULES for one in rule.selector.split(",")]
TAGS = sorted(set().union(*(asked for _, asked in ASKED)), key=sorted)


def used(sheet: str, html: str) -> str:
    return written(used_by(rules(sheet), html))


def test_written_again_it_is_the_same_sheet():
    assert "".join(written(RULES).split()) == "".join(SHEET.split())


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        ("p{top:0}", "<p>"), ("*{top:0}", "<p>"), (":root{--ink:#000}", "<p>"), (":focus{top:0}", "<p>"),
        (".card .when b{top:0}", '<div class="a card"><p class="when"><b>'), ("#m>li+li{top:0}", '<ul id="m"><li><li>'),
        (".skip:not(:focus){top:0}", '<a class="skip" href="#m">'), ("p:not(.x){top:0}", "<p>"),
        (".top b:before{top:0}", '<p class="top"><b>'), ("a::after{top:0}", "<a>"), ("a:hover{top:0}", "<a href=x>"),
        ("[dir=rtl] .sign{top:0}", '<html dir="rtl"><svg class="sign">'), ("[dir=rtl] p{top:0}", "<html dir=rtl><p>"),
        ("[type=radio]{top:0}", '<input type="radio">'), ("[aria-current]{top:0}", '<a aria-current="page">'),
        (".tick-line label{top:0}", '<p class="tick-line">\n<label\n for="a">'), ("h1{top:0}", "<h1>"),
        (".times :checked+bdi{top:0}", '<p class="times"><bdi>'), (".x,.on{top:0}", '<i class="on">'),
    ],
)  # fmt: skip
def test_what_the_page_has_stays_whatever_its_state(rule, html):
    kept = used(rule, html)
    assert kept.endswith("{" + rule.split("{")[1]) and kept.split("{")[0] in rule


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        ("p{top:0}", "<b>p</b>"), (".on{top:0}", "<p>.on on</p>"), (".card .when{top:0}", '<p class="card">'),
        ("[dir=rtl] p{top:0}", '<html dir="ltr"><p>'), ("p.a{top:0}", '<p class="ab">'), ("h2{top:0}", "<h1>"),
        ("@media print{.menu{top:0}}", "<p>"), (".card{top:0}", '<a href="/help/card">'),
        (".own{top:0}", '<input value="own" id="own" own>'), ("b.btn{top:0}", '<b><a class="btn">'),
        ("[type=radio]{top:0}", '<input type="text" name="radio">'), ("#m{top:0}", '<a href="#m" class="m">'),
        ("[type]{top:0}", '<p class="type">'), (".on i{top:0}", '<p class="on"><b>'),
    ],
)  # fmt: skip
def test_what_it_has_not_goes_and_words_are_no_tags(rule, html):
    assert used(rule, html) == ""


def test_of_a_rule_for_several_the_selectors_of_the_page_stay_and_what_stands_around_them():
    sheet = "p,.x,b{top:0}@media print{.x{top:1}p{top:2}b{top:3}}@media screen{.x{top:4}}p{top:5}"
    assert used(sheet, "<p><b>") == "p,b{top:0}@media print{p{top:2}b{top:3}}p{top:5}"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("color:#fff;color:var(--on);top:0", "color:var(--on);top:0"), ("top:0;width:50%;width:1px", "top:0;width:1px"),
        ("position:-webkit-sticky;position:sticky", "position:sticky"), ("color:red;top:0;color:blue", None),
        ("border:2px solid red;border-color:var(--x)", None), ("top:0;margin-top:0", None), ("color:red", None),
        ("top:0;top:1px;top:2px;left:0", "top:2px;left:0"), ("border-color:red;color:blue", None),
    ],
)  # fmt: skip
def test_new_browsers_are_not_told_what_old_ones_read_instead(body, kept):
    (rule,) = for_new_browsers(rules(f"p{{{body}}}"))
    assert rule.body == (kept or body)


def test_our_sheet_has_nothing_that_would_be_left_out_wrongly():
    """Selectors that hold others, steps of an animation, and what a press changes in the page without a new one."""
    for rule in RULES:
        assert "(" not in re.sub(r":not\([^)]*\)", "", rule.selector), rule
        assert not re.search(r"\[(open|hidden|aria-(?!current))", re.sub(r":not\([^)]*\)", "", rule.selector)), rule
        assert rule.around.startswith(("@media", "@supports")) or not rule.around, rule


@given(st.sets(st.sampled_from(TAGS), max_size=9))
def test_whatever_a_page_has_every_selector_stays_whose_tags_it_has_and_no_other(present):
    kept = used_by(RULES, "".join(map(tag, present)))
    could = [one for one, asked in ASKED if all(any(part <= had(each) for each in present) for part in asked)]
    assert [one for rule in kept for one in rule.selector.split(",")] == could


def tag(said: frozenset[str]) -> str:
    """A tag that is what one part of a selector asks for."""
    name = next((word for word in said if word[0] not in ".["), "x-other")
    classes = " ".join(word[1:] for word in said if word[0] == ".")
    attributes = "".join(f" {word[1:]}" for word in said if word[0] == "[")
    return f'<{name} class="{classes}"{attributes}>'


def had(said: frozenset[str]) -> frozenset[str]:
    """What such a tag answers to, by its name, classes and attributes."""
    return said | {word.partition("=")[0] for word in said if word[0] == "["}
