"""Free times against a slow, obvious answer worked out minute by minute, and by example."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.booking.availability import (
    Centre,
    FreeTime,
    Kind,
    Room,
    Worker,
    check_start,
    days_with_times,
    free_times,
    nearest,
)

MINUTE = timedelta(minutes=1)
LONDON = ZoneInfo("Europe/London")
SPRING = date(2027, 3, 28)
AUTUMNS = (date(2026, 10, 25), date(2027, 10, 31))
TUESDAY = date(2027, 6, 8)
NOW = datetime(2027, 6, 7, 7, tzinfo=UTC)

TALK = Kind(minutes=60, buffer_before=0, buffer_after=0, least_notice_minutes=0, furthest_days=28, needs_room=False)
NINE_TO_TWELVE = [(weekday, time(9), time(12)) for weekday in range(7)]
ALL_NIGHT = [(6, time(0), time(4))]
JO = Worker(3, NINE_TO_TWELVE)
AMINA = Worker(4, NINE_TO_TWELVE)


def utc(on: date, hour: int, minute: int = 0) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)


def summer(wall: str, on: date = TUESDAY) -> datetime:
    """A wall time in British Summer Time."""
    hour, minute = map(int, wall.split(":"))
    return utc(on, hour, minute) - timedelta(hours=1)


def ask(**given_values) -> list[FreeTime]:
    values = {
        "kind": TALK,
        "centre": Centre([(weekday, time(8), time(18)) for weekday in range(7)]),
        "workers": [JO],
        "rooms": [],
        "busy": {},
        "client_busy": [],
        "now": NOW,
        "from_on": TUESDAY,
        "days": 1,
    }
    return free_times(**values | given_values)


def walls(free: list[FreeTime]) -> list[str]:
    return [f"{each.starts_at.astimezone(LONDON):%H:%M}" for each in free]


# The slow answer: every minute of every asked day is looked at, and nothing is shared with the real code.


def minutes_of(on: date) -> list[datetime]:
    """Every real minute of a London day, in order: 1,380, 1,440 or 1,500 of them."""
    candidate = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=2)
    return [
        instant
        for instant in (candidate + MINUTE * number for number in range(28 * 60))
        if instant.astimezone(LONDON).date() == on
    ]


def slow_spans(on: date, weekly, dated) -> list[tuple[time, time]]:
    """The wall windows of a day: what was said of the date itself stands in place of its weekday's."""
    said_of_the_date = [spans for day, spans in dated.items() if day == on]
    of_the_weekday = [(starts, ends) for day, starts, ends in weekly if day == on.weekday()]
    return [*said_of_the_date[0]] if said_of_the_date else of_the_weekday


def slow_centre_spans(on: date, centre: Centre) -> list[tuple[time, time]]:
    """A closure shuts whatever else was said; a bank holiday shuts unless something was said of that very date."""
    if any(first <= on <= last for first, last in centre.closures):
        return []
    if on in list(centre.holidays) and on not in list(centre.dated):
        return []
    return slow_spans(on, centre.hours, centre.dated)


def slow_open(on: date, spans) -> list[datetime]:
    """The open minutes of a day: a window opens when the clock first reaches its start, and shuts when it first
    reaches its end."""
    inside = set()
    for local_from, local_until in spans:
        opened = shut = False
        for instant in minutes_of(on):
            wall = instant.astimezone(LONDON).time()
            opened, shut = opened or wall >= local_from, shut or wall >= local_until
            if opened and not shut:
                inside.add(instant)
    return sorted(inside)


def slow_grid(on: date, open_minutes: list[datetime], step: int) -> set[datetime]:
    """In each unbroken stretch, the first whole half hour (or what the step divides into) and every step after it."""
    aligned_to = max(each for each in (1, 2, 3, 5, 6, 10, 15, 30) if step % each == 0)
    starts, wanted, before = set(), 0, None
    for instant in open_minutes:
        wall = instant.astimezone(LONDON)
        minute = wall.hour * 60 + wall.minute
        if before is None or instant - before != MINUTE:
            wanted = minute
            while wanted % aligned_to:
                wanted += 1
        while wanted < minute:
            wanted += step
        if minute == wanted and not wall.fold:
            starts.add(instant)
        before = instant
    return starts


def overlap(one, other) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])


def slow_free_times(*, kind, centre, workers, rooms, busy, client_busy, now, from_on, days) -> list[FreeTime]:
    found = []
    today = now.astimezone(LONDON).date()
    for on in (from_on + timedelta(days=number) for number in range(days)):
        if (on - today).days > kind.furthest_days:
            continue
        centre_open = set(slow_open(on, slow_centre_spans(on, centre)))
        for worker in workers:
            works = slow_open(on, slow_spans(on, worker.hours, worker.dated))
            for starts_at in slow_grid(on, works, kind.step_minutes):
                session = {starts_at + MINUTE * number for number in range(kind.minutes)}
                occupied = (
                    starts_at - MINUTE * kind.buffer_before,
                    starts_at + MINUTE * (kind.minutes + kind.buffer_after),
                )
                taken = [*busy.get(f"worker:{worker.id}", []), *worker.absences, *client_busy]
                if (
                    starts_at - now < MINUTE * kind.least_notice_minutes
                    or session - centre_open
                    or session - set(works)
                    or any(overlap(occupied, each) for each in taken)
                ):
                    continue
                free_rooms = [
                    (room.spare, room.id)
                    for room in rooms
                    if not any(overlap(occupied, each) for each in busy.get(f"room:{room.id}", []))
                ]
                if not kind.needs_room:
                    found.append(FreeTime(starts_at, worker.id, None))
                elif free_rooms:
                    found.append(FreeTime(starts_at, worker.id, min(free_rooms)[1]))
    return sorted(found, key=lambda each: (each.starts_at, each.worker_id))


quarter_hours = st.integers(0, 95).map(lambda number: time(*divmod(number * 15, 60)))
five_minutes = st.integers(0, 287).map(lambda number: time(*divmod(number * 5, 60)))
small_hours = st.sampled_from([time(0), time(0, 30), time(1), time(1, 20), time(1, 30), time(2), time(2, 30)])
wall_times = st.one_of(quarter_hours, five_minutes, small_hours)


@st.composite
def weekly(draw, centre_day: date):
    """Windows on the days around the one looked at, long ones more often than not."""
    windows = []
    for _ in range(draw(st.integers(1, 4))):
        local_from, local_until = sorted(draw(st.lists(wall_times, min_size=2, max_size=2, unique=True)))
        weekday = (centre_day + timedelta(days=draw(st.integers(-1, 1)))).weekday()
        windows.append((weekday, local_from, local_until))
    if draw(st.booleans()):
        windows.append((centre_day.weekday(), time(0), draw(st.sampled_from([time(3), time(17), time(23, 55)]))))
    return windows


@st.composite
def dated(draw, centre_day: date):
    """On some of the days around the one looked at, windows of that date alone, or none at all."""
    days = draw(st.sampled_from([(), (), (0,), (0,), (0, 1), (-1, 0)]))
    found = {}
    for number in days:
        edges = sorted(draw(st.lists(wall_times, min_size=4, max_size=4, unique=True)))
        pairs = [(edges[0], edges[1]), (edges[2], edges[3])][: draw(st.sampled_from([1, 2, 2, 0]))]
        found[centre_day + timedelta(days=number)] = pairs or [(time(0), time(20))] * draw(st.integers(0, 1))
    return found


@st.composite
def questions(draw):
    day = draw(st.sampled_from([SPRING, *AUTUMNS, TUESDAY]))
    midnight = utc(day, 0)

    def instants(low=-30 * 60, high=54 * 60):
        return midnight + MINUTE * 5 * draw(st.integers(low // 5, high // 5))

    def intervals(most):
        starts = sorted(instants() for _ in range(draw(st.integers(0, most))))
        return [(start, start + MINUTE * draw(st.sampled_from([5, 25, 30, 60, 90, 300]))) for start in starts]

    numbers = draw(st.permutations([5, 6, 11]))[: draw(st.sampled_from([2, 3, 1, 0]))]
    rooms = [Room(number, draw(st.integers(0, 2))) for number in numbers]
    workers = [
        Worker(number, draw(weekly(day)), intervals(2), draw(dated(day)))
        for number in (2, 1)[: draw(st.sampled_from([2, 1]))]
    ]
    return {
        "kind": Kind(
            minutes=draw(st.sampled_from([5, 20, 30, 45, 60, 90])),
            buffer_before=draw(st.sampled_from([0, 0, 5, 20])),
            buffer_after=draw(st.sampled_from([0, 0, 10, 15])),
            least_notice_minutes=draw(st.sampled_from([0, 0, 90, 24 * 60])),
            furthest_days=draw(st.sampled_from([3, 3, 2, 1, 0])),
            needs_room=draw(st.booleans()),
            step_minutes=draw(st.sampled_from([5, 15, 20, 30, 40, 45, 60])),
        ),
        "centre": Centre(
            [*draw(weekly(day)), (day.weekday(), time(0), time(20))],
            draw(st.sampled_from([[], [], [], [(day + timedelta(days=1), day + timedelta(days=3))], [(day, day)]])),
            draw(dated(day)),
            draw(st.sampled_from([(), (), {day}, {day, day + timedelta(days=1)}, [day - timedelta(days=1)]])),
        ),
        "workers": workers,
        "rooms": rooms,
        "busy": {f"worker:{each.id}": intervals(3) for each in workers}
        | {f"room:{each.id}": intervals(4) for each in rooms},
        "client_busy": intervals(2),
        "now": instants(high=6 * 60) + timedelta(seconds=draw(st.sampled_from([0, 1]))),
        "from_on": day + timedelta(days=draw(st.sampled_from([0, 0, -1, 1]))),
        "days": draw(st.sampled_from([3, 2, 1, 1, 0])),
    }


@given(questions())
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_slow_answer(question):
    assert free_times(**question) == slow_free_times(**question)


@given(questions(), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_a_start_is_taken_exactly_when_it_would_be_offered(question, number):
    free = free_times(**question | {"days": 1})
    one_start = {key: value for key, value in question.items() if key not in ("from_on", "days", "workers")}
    on = question["from_on"]
    some_start = utc(on, 0) + MINUTE * 5 * (number - 12)
    for starts_at in {each.starts_at for each in free} | {some_start}:
        if starts_at.astimezone(LONDON).date() != on:
            continue
        for worker in question["workers"]:
            offered = [each for each in free if (each.starts_at, each.worker_id) == (starts_at, worker.id)]
            assert check_start(**one_start, workers=[worker], starts_at=starts_at) == (offered or [None])[0]


def test_starts_stand_on_whole_half_hours_inside_the_workers_hours():
    assert walls(ask()) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert walls(ask(workers=[Worker(3, [(1, time(9, 0, 30), time(10, 30))])])) == ["09:30"]
    odd = Worker(3, [(1, time(9, 10), time(11))])
    assert walls(ask(workers=[odd])) == ["09:30", "10:00"]
    assert walls(ask(workers=[odd], kind=TALK._replace(step_minutes=15))) == ["09:15", "09:30", "09:45", "10:00"]


def test_the_session_must_lie_inside_opening_hours_but_buffers_may_poke_out():
    shut_early = Centre([(1, time(9), time(11))])
    assert walls(ask(centre=shut_early)) == ["09:00", "09:30", "10:00"]
    padded = TALK._replace(buffer_before=20, buffer_after=20)
    assert walls(ask(centre=shut_early, kind=padded)) == ["09:00", "09:30", "10:00"]


def test_windows_that_touch_are_one_stretch_and_a_break_is_a_break():
    touching = Worker(3, [(1, time(10, 30), time(12)), (1, time(9), time(10, 30))])
    assert walls(ask(workers=[touching])) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    lunch = Worker(3, [(1, time(9), time(10, 30)), (1, time(10, 45), time(12))])
    assert walls(ask(workers=[lunch])) == ["09:00", "09:30", "11:00"]


def test_other_weekdays_hours_do_not_count():
    assert ask(workers=[Worker(3, [(2, time(9), time(12))])]) == []


@pytest.mark.parametrize("whose", ["worker", "client", "absence", "room"])
def test_times_that_touch_do_not_collide_and_one_minute_over_does(whose):
    def with_taken(start, end):
        taken = [(summer(start), summer(end))]
        return walls(
            ask(
                workers=[JO._replace(absences=taken if whose == "absence" else [])],
                client_busy=taken if whose == "client" else [],
                kind=TALK._replace(needs_room=True),
                rooms=[Room(5)],
                busy={"worker:3": taken} if whose == "worker" else {"room:5": taken} if whose == "room" else {},
            )
        )

    assert with_taken("10:00", "11:00") == ["09:00", "11:00"]
    assert with_taken("09:59", "11:00") == ["11:00"]
    assert with_taken("10:00", "11:01") == ["09:00"]
    assert with_taken("00:00", "23:00") == []


def test_the_candidates_own_buffers_must_be_clear_too():
    taken = {"worker:3": [(summer("10:00"), summer("11:00"))]}
    assert walls(ask(busy=taken, kind=TALK._replace(buffer_after=1))) == ["11:00"]
    assert walls(ask(busy=taken, kind=TALK._replace(buffer_before=1))) == ["09:00"]


def test_taken_times_may_overlap_each_other():
    """A deliberate overbooking leaves a long and a short one on top of each other."""
    taken = {"worker:3": [(summer("09:00"), summer("11:00")), (summer("09:30"), summer("10:00"))]}
    assert walls(ask(busy=taken)) == ["11:00"]


def test_what_began_before_the_asked_days_and_reaches_into_them_counts():
    taken = {"worker:3": [(NOW - timedelta(days=5), summer("10:30")), (NOW - timedelta(days=4), NOW)]}
    assert walls(ask(busy=taken)) == ["10:30", "11:00"]


def test_a_buffer_across_midnight_meets_the_next_day():
    late = Worker(3, [(1, time(22), time(23, 59))])
    all_day = Centre([(1, time(0), time(23, 59))])
    kind = TALK._replace(minutes=59, buffer_after=60)
    after_midnight = [(summer("00:30", TUESDAY + timedelta(days=1)), summer("01:00", TUESDAY + timedelta(days=1)))]
    assert walls(ask(workers=[late], centre=all_day, kind=kind)) == ["22:00", "22:30", "23:00"]
    assert walls(ask(workers=[late], centre=all_day, kind=kind, busy={"worker:3": after_midnight})) == [
        "22:00",
        "22:30",
    ]


def test_a_buffer_before_midnight_meets_the_day_before():
    early, kind = Worker(3, [(1, time(0), time(2))]), TALK._replace(buffer_before=60)
    before_midnight = [(summer("00:00") - timedelta(minutes=50), summer("00:00") - timedelta(minutes=20))]
    centre = Centre([(1, time(0), time(18))])
    assert walls(ask(workers=[early], centre=centre, kind=kind)) == ["00:00", "00:30", "01:00"]
    taken = {"worker:3": before_midnight}
    assert walls(ask(workers=[early], centre=centre, kind=kind, busy=taken)) == ["01:00"]


def test_each_time_has_the_lowest_free_room_and_none_without_a_room():
    talk = TALK._replace(needs_room=True)
    taken = {"room:5": [(summer("09:00"), summer("10:00"))], "room:9": [(summer("09:00"), summer("10:30"))]}
    found = ask(kind=talk, rooms=[Room(9), Room(5)], busy=taken)
    assert [(*walls([each]), each.room_id) for each in found] == [("10:00", 5), ("10:30", 5), ("11:00", 5)]
    taken["room:5"] = [(summer("09:00"), summer("12:00"))]
    found = ask(kind=talk, rooms=[Room(9), Room(5)], busy=taken)
    assert [(*walls([each]), each.room_id) for each in found] == [("10:30", 9), ("11:00", 9)]
    assert ask(kind=talk, rooms=[]) == []
    assert {each.room_id for each in ask(rooms=[Room(5)])} == {None}


def test_every_free_worker_is_named_at_each_start():
    found = ask(workers=[AMINA, JO], busy={"worker:3": [(summer("09:00"), summer("11:00"))]})
    assert [(*walls([each]), each.worker_id) for each in found][-3:] == [("10:30", 4), ("11:00", 3), ("11:00", 4)]
    assert len(found) == 6


def test_closures_shut_whole_london_days_first_and_last_included():
    centre = Centre([(weekday, time(8), time(18)) for weekday in range(7)], [(date(2027, 6, 9), date(2027, 6, 10))])
    assert days_with_times(ask(centre=centre, days=4)) == [date(2027, 6, 8), date(2027, 6, 11)]


EIGHT_TO_SIX = [(weekday, time(8), time(18)) for weekday in range(7)]


@pytest.mark.parametrize("on", [TUESDAY, SPRING, *AUTUMNS])
def test_windows_of_a_date_replace_the_weekly_ones_of_that_day_alone(on):
    dates = {"now": utc(on - timedelta(days=2), 12), "from_on": on - timedelta(days=7), "days": 15}
    longer = Centre(EIGHT_TO_SIX, (), {on: [(time(10), time(11)), (time(11, 30), time(12, 30))]})
    found = ask(centre=longer, workers=[JO], **dates)
    by_day = {day: walls([each for each in found if each.starts_at.astimezone(LONDON).date() == day])
              for day in days_with_times(found)}  # fmt: skip
    assert by_day.pop(on) == ["10:00"]
    assert set(map(tuple, by_day.values())) == {("09:00", "09:30", "10:00", "10:30", "11:00")}
    shut_in_the_week = Centre([], (), {on: [(time(8), time(18))]})
    assert days_with_times(ask(centre=shut_in_the_week, **dates)) == [on]


@pytest.mark.parametrize("on", [TUESDAY, SPRING, *AUTUMNS])
def test_one_off_hours_replace_hers_and_bring_her_on_a_day_she_does_not_work(on):
    dates = {"now": utc(on - timedelta(days=2), 12), "from_on": on, "days": 1, "centre": Centre(EIGHT_TO_SIX)}
    assert walls(ask(workers=[JO._replace(dated={on: [(time(14), time(15, 30))]})], **dates)) == ["14:00", "14:30"]
    assert walls(ask(workers=[Worker(3, [], (), {on: [(time(14), time(15))]})], **dates)) == ["14:00"]
    assert ask(workers=[JO._replace(dated={on: []})], **dates) == []
    away = [(utc(on, 0), utc(on, 23))]
    assert ask(workers=[Worker(3, [], away, {on: [(time(14), time(15))]})], **dates) == []


@pytest.mark.parametrize("on", [TUESDAY, SPRING, *AUTUMNS])
def test_a_bank_holiday_shuts_unless_the_date_was_opened_on_purpose_and_a_closure_beats_both(on):
    dates = {"now": utc(on - timedelta(days=2), 12), "from_on": on, "days": 1}
    nine_to_ten = {on: [(time(9), time(10))]}
    assert ask(centre=Centre(EIGHT_TO_SIX, (), {}, {on}), **dates) == []
    # A worker's one-off hours matter only while the centre is open.
    assert ask(centre=Centre(EIGHT_TO_SIX, (), {}, {on}), workers=[JO._replace(dated=nine_to_ten)], **dates) == []
    assert walls(ask(centre=Centre(EIGHT_TO_SIX, (), nine_to_ten, {on}), **dates)) == ["09:00"]
    assert ask(centre=Centre(EIGHT_TO_SIX, [(on, on)], nine_to_ten, {on}), **dates) == []
    assert len(ask(centre=Centre(EIGHT_TO_SIX, (), {}, {on + timedelta(days=1)}), **dates)) == 5


def test_notice_is_counted_from_now_in_real_minutes():
    at_half_past_eight = summer("08:30")
    kind = TALK._replace(least_notice_minutes=90)
    assert walls(ask(kind=kind, now=at_half_past_eight)) == ["10:00", "10:30", "11:00"]
    assert walls(ask(kind=kind, now=at_half_past_eight + timedelta(seconds=1))) == ["10:30", "11:00"]
    assert walls(ask(now=summer("10:15"))) == ["10:30", "11:00"]


def test_the_furthest_day_is_counted_in_london_days():
    kind = TALK._replace(furthest_days=2)
    assert days_with_times(ask(kind=kind, days=30)) == [date(2027, 6, 8), date(2027, 6, 9)]
    past_london_midnight = datetime(2027, 6, 7, 23, 30, tzinfo=UTC)
    assert days_with_times(ask(kind=kind, now=past_london_midnight, days=30))[-1] == date(2027, 6, 10)


@pytest.mark.parametrize("from_on", [date.min, date(2027, 1, 1), date.max])
def test_days_far_away_are_no_trouble(from_on):
    assert ask(from_on=from_on) == []
    assert ask(days=0) == []
    assert ask(days=-3) == []
    padded = TALK._replace(buffer_before=20)
    assert len(days_with_times(ask(from_on=date.min, days=10**7, kind=padded))) == 29


def ask_by_night(on: date, **given_values) -> list[FreeTime]:
    values = {
        "centre": Centre(ALL_NIGHT),
        "workers": [Worker(3, ALL_NIGHT)],
        "now": utc(on - timedelta(days=2), 12),
        "from_on": on,
    }
    return ask(**values | given_values)


def test_in_spring_a_skipped_hour_gives_nothing_and_sessions_keep_their_length():
    found = ask_by_night(SPRING)
    assert walls(found) == ["00:00", "00:30", "02:00", "02:30", "03:00"]
    assert [each.starts_at for each in found][1:3] == [utc(SPRING, 0, 30), utc(SPRING, 1)]
    until_two = [(6, time(0), time(2))]
    assert walls(ask_by_night(SPRING, workers=[Worker(3, until_two)])) == ["00:00"]


def test_in_spring_hours_named_by_a_skipped_time_mean_the_change_itself():
    until_half_past_one, from_half_past_one = [(6, time(0), time(1, 30))], [(6, time(1, 30), time(4))]
    half_an_hour = TALK._replace(minutes=30)
    early = ask_by_night(SPRING, kind=half_an_hour, workers=[Worker(3, until_half_past_one)])
    late = ask_by_night(SPRING, kind=half_an_hour, workers=[Worker(3, from_half_past_one)])
    assert walls(early) == ["00:00", "00:30"]
    assert walls(late) == ["02:00", "02:30", "03:00", "03:30"]


@pytest.mark.parametrize("on", AUTUMNS)
def test_in_autumn_a_doubled_hour_is_offered_once_and_sessions_keep_their_length(on):
    found = ask_by_night(on)
    assert walls(found) == ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00"]
    assert found[3].starts_at == utc(on, 0, 30)
    assert found[4].starts_at == utc(on, 2)
    two_hours = ask_by_night(on, kind=TALK._replace(minutes=120), workers=[Worker(3, [(6, time(0, 30), time(2))])])
    assert walls(two_hours) == ["00:30", "01:00"]
    assert found[3].starts_at + timedelta(hours=1) < found[4].starts_at


@pytest.mark.parametrize("on", AUTUMNS)
def test_in_autumn_a_booking_in_the_second_of_the_doubled_hours_takes_only_that(on):
    second_pass = {"worker:3": [(utc(on, 1), utc(on, 2))]}
    assert walls(ask_by_night(on, busy=second_pass)) == ["00:00", "00:30", "01:00", "02:00", "02:30", "03:00"]


@pytest.mark.parametrize(("on", "nine"), [(SPRING, 8), *((on, 9) for on in AUTUMNS)])
def test_daytime_of_a_change_sunday_is_in_the_new_time(on, nine):
    found = ask(now=utc(on - timedelta(days=2), 12), from_on=on - timedelta(days=1), days=2)
    assert walls(found)[0] == walls(found)[5] == "09:00"
    assert found[5].starts_at == utc(on, nine)
    assert found[5].starts_at - found[0].starts_at == timedelta(hours=23 if on == SPRING else 25)


CHECK = {
    "kind": TALK,
    "centre": Centre(NINE_TO_TWELVE),
    "rooms": [],
    "busy": {"worker:3": [(summer("09:00"), summer("10:00"))]},
    "client_busy": [],
    "now": NOW,
}


def test_a_start_goes_to_the_first_worker_named_who_is_free():
    assert check_start(**CHECK, workers=[JO, AMINA], starts_at=summer("10:00")).worker_id == 3
    assert check_start(**CHECK, workers=[AMINA, JO], starts_at=summer("10:00")).worker_id == 4
    assert check_start(**CHECK, workers=[JO, AMINA], starts_at=summer("09:30")).worker_id == 4
    assert check_start(**CHECK, workers=[JO], starts_at=summer("09:30")) is None


@pytest.mark.parametrize(
    "starts_at",
    [
        summer("10:10"),
        summer("10:00") + timedelta(microseconds=1),
        summer("11:30"),
        summer("10:00") - timedelta(days=7),
        summer("10:00") + timedelta(days=28),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_a_start_that_is_not_offered_is_refused(starts_at):
    assert check_start(**CHECK, workers=[JO, AMINA], starts_at=starts_at) is None


def test_nearest_gives_different_starts_in_time_order_the_earlier_of_two_equals():
    found = ask(workers=[JO, AMINA])
    assert walls(nearest(found, summer("10:00"), 3)) == ["09:30", "10:00", "10:30"]
    assert walls(nearest(found, summer("10:15"), 1)) == ["10:00"]
    assert walls(nearest(found, summer("23:00"), 2)) == ["10:30", "11:00"]
    assert len(nearest(found, summer("10:00"), 99)) == 5
    assert nearest(found, summer("10:00"), 0) == nearest([], summer("10:00"), 3) == []


def test_days_with_times_are_london_days():
    just_after_london_midnight = datetime(2027, 6, 7, 23, 15, tzinfo=UTC)
    free = [FreeTime(summer("09:00"), 3, None), FreeTime(just_after_london_midnight, 3, None)]
    assert days_with_times(free) == [TUESDAY]
