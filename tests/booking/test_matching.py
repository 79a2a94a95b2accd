"""What fits her, as pure rules: rooms, the order of workers, her language, what the desk prepares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.booking.availability import Room
from portal.booking.matching import CHILD_CORNER, CHILDCARE, QUIET, STEP_FREE, in_order, rooms_for, spoken, usual_places
from portal.booking.models import PracticalHelp
from portal.booking.preparing import Needed, needed, to_prepare, totals

BITS = st.integers(0, STEP_FREE | QUIET | CHILD_CORNER)
THINGS = (STEP_FREE, QUIET, CHILD_CORNER)


@given(st.dictionaries(st.integers(1, 9), BITS, max_size=6), st.integers(0, 15))
def test_a_room_fits_when_it_has_each_thing_she_needs_and_counts_what_she_does_not(rooms, needs):
    slow = []
    for number in sorted(rooms):
        has = {thing for thing in THINGS if rooms[number] & thing}
        needs_of_rooms = {thing for thing in THINGS if needs & thing}
        if needs_of_rooms <= has:
            slow.append(Room(number, len(has - needs_of_rooms)))
    assert rooms_for(rooms, needs) == slow


def test_childcare_is_no_matter_of_rooms():
    assert rooms_for({5: 0, 6: QUIET}, CHILDCARE) == [Room(5, 0), Room(6, 1)]


def test_her_keyworker_comes_first_then_who_speaks_her_language_then_the_others():
    assert in_order([1, 2, 3, 4], 3, {4, 2}) == [3, 2, 4, 1]
    assert in_order([1, 2, 3], None, set()) == [1, 2, 3]
    assert in_order([1, 2], 9, {2}) == [2, 1]


@pytest.mark.parametrize(
    ("language", "preparation", "code"),
    [("en", None, None), ("ar", None, "ar"), ("en", {"interpreter": "Arabic"}, "ar"), ("so", {"interpreter": ""}, "so"),
     ("so", {"interpreter": "Arabic"}, "ar"), ("ar", {"interpreter": "British Sign Language"}, None)],
)  # fmt: skip
def test_the_interpreter_on_record_says_what_she_speaks_else_her_pages_do(language, preparation, code):
    assert spoken(language, preparation) == code


@pytest.mark.parametrize(
    ("words", "ticked", "places"),
    [("", False, 0), ("", True, 1), ("2 children", False, 2), ("1 child", True, 1), ("a baby of 8 months", False, 1),
     ("7", False, 1), ("3 children, 2 at school", True, 3)],
)  # fmt: skip
def test_a_record_counts_as_many_places_as_children(words, ticked, places):
    assert usual_places({"childcare": words}, childcare=ticked) == places


def asked(language="ar", preparation=None, needs=(), worker=("en",), by_phone=False) -> Needed:
    return needed(preparation, needs, language=language, worker_speaks=worker, by_phone=by_phone)


def test_an_interpreter_is_needed_unless_the_worker_speaks_her_language():
    recorded = {"interpreter": "Arabic"}
    assert to_prepare(None, asked(preparation=recorded), 0).words == ["Arabic interpreter not booked"]
    assert to_prepare(None, asked(preparation=recorded, worker=("en", "ar")), 0).words == []
    assert to_prepare(None, asked(), 0).words == []


def test_where_only_a_woman_may_interpret_the_desk_reads_that_and_never_why():
    wanted = asked(preparation={"interpreter": "Arabic"}, needs=["female_interpreter"])
    assert to_prepare(None, wanted, 0).words == ["Female Arabic interpreter not booked"]
    booked = PracticalHelp(
        childcare_places=0, fare="", interpreter="booked", interpreter_is_woman=False, companion=False
    )
    unsure = to_prepare(booked, wanted, 0)
    assert (unsure.words, unsure.interpreters) == (["Female Arabic interpreter booked: ask whether it is a woman"], 1)
    booked.interpreter_is_woman = True
    ready = to_prepare(booked, wanted, 0)
    assert (ready.words, ready.interpreters) == (["Female Arabic interpreter booked"], 0)
    unknown = asked(language="en", needs=["female_interpreter"])
    assert to_prepare(None, unknown, 0).words == ["Female interpreter not booked"]
    assert to_prepare(None, asked(needs=["female_interpreter"]), 0).words == ["Female Arabic interpreter not booked"]


def test_places_in_the_creche_are_kept_or_to_find():
    wanted = asked("en", {"childcare": "2 children"})
    for kept, state in enumerate((" to find", ", 1 to find", " kept")):
        assert to_prepare(None, wanted, kept).words == [f"2 childcare places{state}"]
    set_for_the_day = PracticalHelp(childcare_places=1, fare="needed", interpreter="", companion=True)
    assert to_prepare(set_for_the_day, wanted, 1).words == [
        "1 childcare place kept", "Fare to give", "Somebody comes with her",
    ]  # fmt: skip
    day = [to_prepare(None, wanted, 1), to_prepare(set_for_the_day, wanted, 1)]
    assert totals(day) == {"places": 3, "places_to_find": 1, "fares": 1, "interpreters": 0}


def test_by_phone_nobody_needs_a_room_a_fare_or_childcare():
    wanted = asked("ar", {"interpreter": "Arabic", "childcare": "1 child"}, ["quiet_room", "fares"], by_phone=True)
    assert to_prepare(None, wanted, 0).words == ["Arabic interpreter not booked"]
    in_person = asked("en", {"childcare": "1 child"}, ["quiet_room", "fares"])
    assert to_prepare(None, in_person, 0).words == ["Quiet room", "1 childcare place to find", "Fare to give"]
