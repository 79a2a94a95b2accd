"""Small numbers are hidden, and nothing that is shown gives them back (R33)."""

from collections import Counter
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.reports.hiding import LEAST, LEVELS, Breakdown, Count, Family, Level, Table, joined, published
from tests.reports.attacker import Knowledge

BOROUGHS = {1: "Camden", 2: "Camden", 3: "Lambeth"}
SOURCES = ("police", "prison", "herself")
COHORT = Family(
    "cohort",
    (
        Breakdown("decided", ("accepted", "declined", "waiting")),
        Breakdown("contact", ("in_target", "later", "not_yet"), ("decided", "accepted")),
        Breakdown("first", ("kept", "offered"), ("decided", "accepted")),
    ),
)
NEEDS = Family(
    "needs",
    (
        Breakdown("money", ("need", "none", "unsaid"), None, False),
        Breakdown("money_size", ("some", "high"), ("money", "need"), False),
        Breakdown("family", ("need", "none", "unsaid"), None, False),
    ),
)


@st.composite
def women(draw, family):
    """Some women, each at a centre, from a source, in one figure of each of her breakdowns; lopsided on purpose."""
    counts = {breakdown.code: [] for breakdown in family.breakdowns}
    # Groups of women who are all alike make small and empty cells likely.
    alike = draw(st.lists(st.tuples(st.integers(1, 9), *_choices(family)), min_size=1, max_size=12))
    client = 0
    for size, centre, source, *figures in alike:
        for _ in range(size):
            client += 1
            _add(counts, family, Count(client, centre, source, ""), figures)
    return counts


def _choices(family):
    yield st.sampled_from(list(BOROUGHS))
    yield st.sampled_from(SOURCES)
    for breakdown in family.breakdowns:
        yield st.sampled_from(breakdown.figures)


def _add(counts, family, count, figures):
    chosen = {}
    for breakdown, figure in zip(family.breakdowns, figures, strict=True):
        if breakdown.base is None or chosen.get(breakdown.base[0]) == breakdown.base[1]:
            chosen[breakdown.code] = figure
            counts[breakdown.code].append(count._replace(figure=figure))


FAMILIES = pytest.mark.parametrize("family", [COHORT, NEEDS], ids=lambda family: family.code)


def _women_in(counts, whole):
    return len(
        {c.client for code, rows in counts.items() for c in rows if (code, c.figure, c.centre, c.source) in whole}
    )


def _small_wholes(knowledge, counts):
    """Every sum of figures of one breakdown in every group (and in two together) that stands for 1 to 4 women."""
    for breakdown in knowledge.family.breakdowns:
        figures = chain.from_iterable(combinations(breakdown.figures, n + 1) for n in range(len(breakdown.figures)))
        for block in figures:
            for level, group in _groups():
                whole = knowledge.sum_of(breakdown.code, block, level, group)
                if 0 < _women_in(counts, whole) < LEAST:
                    yield whole


def _groups():
    keys = {"all": ["all"], "borough": ["Camden", "Lambeth"], "centre": list(BOROUGHS), "source": list(SOURCES)}
    for level, among in keys.items():
        for size in (1, 2):
            for group in combinations(among, size):
                yield level, group


@FAMILIES
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whoever_has_every_page_cannot_work_out_a_small_number(family, data):
    counts = data.draw(women(family))
    knowledge = Knowledge(family, BOROUGHS, SOURCES)
    numbers = published(family, counts, BOROUGHS, SOURCES)
    if not numbers:
        return
    knowledge.reads(numbers)
    bounds = knowledge.bounds()
    for whole in _small_wholes(knowledge, counts):
        least, most = bounds.of(whole)
        true = _women_in(counts, whole)
        assert least <= true <= most
        assert most - least >= LEAST, f"{true} is known to lie in {least}..{most}: {whole}"
        assert most >= LEAST


def test_the_same_attacker_takes_a_table_with_only_its_small_cells_blotted_out():
    """She would not find what is there to find, if she found nothing in a table that is hidden carelessly."""
    counts = {code: [] for code in ("decided", "contact", "first")}
    for client in range(20):
        centre, figure = (1, "accepted") if client < 12 else (2, "accepted" if client < 18 else "declined")
        counts["decided"].append(Count(client, centre, "police", figure))
    knowledge = Knowledge(COHORT, BOROUGHS, SOURCES)
    for figures in (("accepted",), ("declined",), ("waiting",), COHORT.breakdowns[0].figures):
        for level, group in (("all", ["all"]), ("centre", [1]), ("centre", [2]), ("centre", [3])):
            whole = knowledge.sum_of("decided", figures, level, group)
            shown = sum((c.figure, c.centre) in {(f, g) for _, f, g, _ in whole} for c in counts["decided"])
            if shown == 0 or shown >= LEAST:
                knowledge.learns(whole, shown)
    assert knowledge.bounds().of(knowledge.sum_of("decided", ("declined",), "centre", [2])) == (2, 2)


def test_the_same_attacker_gets_between_groups_that_each_breakdown_joins_for_itself():
    """Two of Lambeth would be 12 + 2 of one page less 12 of another: hence one set of groups for a whole family."""
    knowledge = Knowledge(NEEDS, BOROUGHS, SOURCES)
    figures = NEEDS.breakdowns[0].figures
    for code, group, value in (("money", [1, 2], 14), ("money", [3], 20), ("family", [1], 12), ("family", [2, 3], 22)):
        knowledge.learns(knowledge.sum_of(code, figures, "centre", group), value)
    assert knowledge.bounds().of(knowledge.sum_of("money", figures, "centre", [2])) == (2, 2)


@FAMILIES
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_number_is_an_exact_sum_over_nobody_or_enough_women(family, data):
    counts = data.draw(women(family))
    numbers = published(family, counts, BOROUGHS, SOURCES)
    knowledge = Knowledge(family, BOROUGHS, SOURCES)
    zero_shown = {breakdown.code: breakdown.zero_shown for breakdown in family.breakdowns}
    for level, shown in numbers.items():
        for code, table in shown.tables.items():
            base = [sum(column) for column in zip(*table.values, strict=True)]
            for block, row in zip(table.blocks, table.values, strict=True):
                for group, value, of in zip(shown.groups, row, base, strict=True):
                    assert value == _women_in(counts, knowledge.sum_of(code, block, level, group))
                    assert value >= LEAST or (value == 0 and (zero_shown[code] or of == 0))


@FAMILIES
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_finer_levels_only_join_what_coarser_ones_joined_and_every_figure_is_in_one_block(family, data):
    numbers = published(family, data.draw(women(family)), BOROUGHS, SOURCES)
    figures = {breakdown.code: breakdown.figures for breakdown in family.breakdowns}
    for level, shown in numbers.items():
        coarser = LEVELS[level] if LEVELS[level] in numbers else "all"
        for code, table in shown.tables.items():
            assert sorted(chain.from_iterable(table.blocks)) == sorted(figures[code])
            if level != "all":
                for block in numbers[coarser].tables[code].blocks:
                    assert any(set(block) <= set(joined_one) for joined_one in table.blocks)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_one_woman_does_often_is_not_many_women(data):
    """R33: twenty sessions of one woman are one woman's."""
    family = Family("sessions", (Breakdown("due", ("held", "missed")),))
    one = st.builds(
        Count,
        st.integers(1, 14),
        st.sampled_from(list(BOROUGHS)),
        st.just("police"),
        st.sampled_from(("held", "missed")),
        st.integers(1, 20),
    )
    counts = {"due": data.draw(st.lists(one, min_size=1, max_size=60))}
    numbers = published(family, counts, BOROUGHS, SOURCES)
    for level, shown in numbers.items():
        for block, row in zip(shown.tables["due"].blocks, shown.tables["due"].values, strict=True):
            for group, value in zip(shown.groups, row, strict=True):
                knowledge = Knowledge(family, BOROUGHS, SOURCES)
                whole = knowledge.sum_of("due", block, level, group)
                assert value == 0 or _women_in(counts, whole) >= LEAST
    assert numbers or len({count.client for count in counts["due"]}) < LEAST


def test_what_is_small_is_joined_with_the_empty_ones_and_the_last_that_are_not():
    sizes = {"a": 3, "b": 0, "c": 30, "d": 12, "e": 40}

    def size(block):
        return sum(sizes[key] for key in block)

    blocks = joined([(key,) for key in sizes], lambda block: size(block) in (0, *range(10, 99)), size, 50)
    assert blocks == [("a", "b", "d", "e"), ("c",)]


def test_fewer_women_than_five_are_not_shown_at_all_and_nobody_is():
    four = {"decided": [Count(n, 1, "police", "accepted") for n in range(4)], "contact": [], "first": []}
    assert published(COHORT, four, BOROUGHS, SOURCES) == {}
    nobody = {"decided": [], "contact": [], "first": []}
    shown = published(COHORT, nobody, BOROUGHS, SOURCES)["all"]
    assert isinstance(shown, Level)
    assert shown.tables["decided"] == Table([("accepted",), ("declined",), ("waiting",)], [[0], [0], [0]])


def test_a_woman_counts_where_she_is():
    """A wide table of two centres: Lambeth's ten are told apart from Camden's, and police from prison."""
    rows = [Count(n, 3 if n < 10 else 1, "police" if n % 2 else "prison", "accepted") for n in range(30)]
    shown = published(COHORT, {"decided": rows, "contact": [], "first": []}, BOROUGHS, SOURCES)
    assert shown["borough"].groups == [("Camden",), ("Lambeth",)]
    assert shown["centre"].groups == [(1,), (2,), (3,)]
    assert shown["centre"].tables["decided"].values[0] == [20, 0, 10]
    assert Counter(chain.from_iterable(shown["source"].groups)).keys() == set(SOURCES)
    assert shown["source"].tables["decided"].values[0] == [15, 15, 0]


@pytest.mark.parametrize("zero_shown", [True, False])
def test_whoever_knows_the_rules_too_learns_no_more_than_that_it_is_small(zero_shown):
    """She tries every table there can be and keeps those that would be shown like this one: four numbers stay possible.

    Joined by size instead, 5, 4 and 4 would be shown as 5 and 8 together, and nothing else would be.
    """
    family, most = Family("f", (Breakdown("x", ("a", "b", "c"), None, zero_shown),)), 13
    like: dict[str, list[tuple[int, ...]]] = {}
    for table in product(range(most + 1), repeat=3):
        women = iter(range(sum(table)))
        rows = [
            Count(next(women), 1, "police", name)
            for name, times in zip("abc", table, strict=True)
            for _ in range(times)
        ]
        like.setdefault(str(published(family, {"x": rows}, {1: "Camden"}, ("police",))), []).append(table)
    hidden = 0
    for tables in like.values():
        if max(map(max, tables)) == most:
            continue  # Larger ones, which were not tried, may be shown like these.
        for cell in range(3):
            values = {table[cell] for table in tables}
            if values & set(range(1, LEAST)):
                hidden += 1
                assert len(values) >= LEAST - 1, f"{values}: {tables}"
    assert hidden > 50
