"""What incoming words are taken for, misspelt and in Arabic too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.messaging.phrases import Meaning, digit_of, meaning_of


@pytest.mark.parametrize(
    "body",
    [
        "STOP", "Stop.", "stopp", "please stop", "Please stop texting me", "plz dont txt me", "Stopp texting",
        "no more texts", "UNSUBSCRIBE", "leave me alone", "لا ترسلوا لي رسائل", "توقّف", "أوقفوا الرسائل", "إلغاء",
    ],
)  # fmt: skip
def test_every_way_of_saying_stop(body):  # R22
    assert Meaning.OPT_OUT in meaning_of(body)


@pytest.mark.parametrize(
    "body",
    [
        "he's here", "hes hear", "im hurrt", "he is hurting me", "I can’t go on", "cant go on", "thretened me",
        "HEEELP", "stop he's here", "ضربني", "أنا خائفة", "ساعدوني",
    ],
)  # fmt: skip
def test_what_may_tell_of_a_risk(body):  # R25
    assert meaning_of(body)[0] is Meaning.RISK


@pytest.mark.parametrize("body", ["who is this?", "Who dis", "whos this", "wrong number", "من هذا؟", "مين"])
def test_who_is_this(body):  # R23
    assert meaning_of(body) == [Meaning.WHO_IS_THIS]


@pytest.mark.parametrize(
    "body",
    [
        "1",
        "2",
        "ok thanks",
        "thursday is ok",
        "the bus stop is closed",
        "I want to cancel tuesday",
        "",
        "🙂",
        "can i stop by",
    ],
)
def test_the_rest_is_for_a_person(body):
    assert meaning_of(body) == []


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("1", "1"),
        (" 2. ", "2"),
        ("3!", "3"),
        ("٢", "2"),
        ("۳", "3"),
        ("12", None),
        ("4", None),
        ("1 pm", None),
        ("²", None),
    ],
)
def test_digits_alone_are_answers(body, digit):  # R22
    assert digit_of(body) == digit


@given(st.text(max_size=2000))
def test_nothing_that_can_be_typed_makes_it_fail(body):
    meaning_of(body)
    digit_of(body)
