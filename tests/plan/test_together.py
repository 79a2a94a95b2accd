"""Two changes of the same values, put together: nothing that anybody wrote gets lost unseen."""

from hypothesis import given
from hypothesis import strategies as st

from portal.plan.together import Choice, chosen, put_together

FIELDS = ("her_words", "worker_words", "due_on")
VALUES = st.fixed_dictionaries({field: st.sampled_from(["", "a", "b", "c"]) for field in FIELDS})


@given(VALUES, VALUES, VALUES)
def test_every_change_stands_or_is_named_as_a_clash(base, mine, theirs):
    joined = put_together(base, mine, theirs)
    clashing = {clash.field: clash for clash in joined.clashes}
    for field in FIELDS:
        if mine[field] != base[field] and theirs[field] != base[field] and mine[field] != theirs[field]:
            assert (clashing[field].mine, clashing[field].theirs) == (mine[field], theirs[field])
            assert joined.values[field] == theirs[field], "what was there first is not overwritten"
        else:
            assert field not in clashing
            changed = mine if mine[field] != base[field] else theirs
            assert joined.values[field] == changed[field]


@given(VALUES, VALUES, VALUES)
def test_without_a_clash_the_order_does_not_matter(base, mine, theirs):
    one, other = put_together(base, mine, theirs), put_together(base, theirs, mine)
    assert {clash.field for clash in one.clashes} == {clash.field for clash in other.clashes}
    if not one.clashes:
        assert one.values == other.values


@given(VALUES, VALUES, st.sampled_from(list(Choice)))
def test_after_a_choice_nothing_clashes_and_both_keeps_every_word(mine, theirs, choice):
    wanted = chosen(theirs, mine, dict.fromkeys(FIELDS, choice))
    joined = put_together(theirs, wanted, theirs)
    assert not joined.clashes
    for field in FIELDS:
        if choice is Choice.BOTH:
            assert mine[field] in joined.values[field] and theirs[field] in joined.values[field]
        else:
            assert joined.values[field] == (mine if choice is Choice.MINE else theirs)[field]


@given(VALUES, VALUES)
def test_fields_that_were_not_asked_for_stay(base, theirs):
    assert put_together(base, {}, theirs).values == theirs
