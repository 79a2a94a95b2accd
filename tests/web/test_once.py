"""A form that makes something is carried out once, however often and however fast it is sent (R38)."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock, database
from portal.core.access import Actor, Role
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.web import once
from portal.web.models import RequestKey

HER = Actor("client", 1)


def press(actor: Actor, key: str, makes: str) -> str:
    """What a view does with a form: carry it out, or say what the first press made."""
    with unit_of_work():
        made = once.claim(actor, key, now=clock.now())
        if made is not None:
            return made
        once.made(actor, key, makes)
        return makes


def test_sent_again_it_says_what_it_made_the_first_time(app):
    assert press(HER, "key", "appointment:1") == "appointment:1"
    assert press(HER, "key", "appointment:2") == "appointment:1"


def test_a_press_that_was_refused_can_be_made_again(app):
    with pytest.raises(RuntimeError), unit_of_work():
        once.claim(HER, "key", now=clock.now())
        raise RuntimeError
    assert press(HER, "key", "appointment:2") == "appointment:2"


@pytest.mark.parametrize("other", [Actor("client", 2), Actor("staff", 1, Role.KEYWORKER)])
def test_a_key_is_one_persons_own(app, other):
    assert press(HER, "key", "hers") == "hers"
    assert press(other, "key", "theirs") == "theirs"


@pytest.mark.parametrize("key", ["", None, " ", "a b", "x" * 65, "ключ", "a/b", "key\n", "\x00", "🙂"])
def test_a_key_that_no_form_of_ours_gives_is_refused(app, key):
    with pytest.raises(Invalid) as refused, unit_of_work():
        once.claim(HER, key, now=clock.now())
    assert (refused.value.field, refused.value.reason) == ("request_key", "missing")


def test_the_keys_of_our_forms_are_taken_and_never_alike():
    keys = {once.new_key() for _ in range(1000)}
    assert len(keys) == 1000


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused_never_a_fault(key):
    import re

    ours = re.fullmatch(r"[\w.:-]{1,64}", key, re.ASCII) is not None
    if not ours:
        with pytest.raises(Invalid):
            once.claim(HER, key, now=clock.now())


def test_pressed_at_the_same_moment_it_is_carried_out_once(either_database, app):
    for turn in range(20):
        together, said = threading.Barrier(4), []

        def one(number: int, key: str = f"key-{turn}", together=together, said=said) -> None:
            together.wait()
            try:
                said.append(press(HER, key, f"made:{number}"))
            finally:
                database.session.remove()

        threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(said) == 4 and len(set(said)) == 1, said
        assert said[0].startswith("made:")
    session.remove()
    assert session.query(RequestKey).count() == 20
