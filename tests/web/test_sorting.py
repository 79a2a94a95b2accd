"""Sorting a list by what stands in the address."""

from dataclasses import dataclass

import pytest

from portal.web import sorting

COLUMNS = {"name": lambda row: row.name, "age": lambda row: row.age}


@dataclass(frozen=True)
class Row:
    name: str
    age: int | None = None


ROWS = [Row("beth", 3), Row("Cara", 1), Row("Anna", None), Row("Dee", 2)]


def asked(app, address: str):
    with app.test_request_context(address):
        return sorting.asked_for(COLUMNS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "beth Cara Anna Dee"),  # its own order
        ("?sort=name", "Anna beth Cara Dee"),  # whatever the case of the letters
        ("?sort=-name", "Dee Cara beth Anna"),
        ("?sort=age", "Cara Dee beth Anna"),  # who has none comes last
        ("?sort=-age", "beth Dee Cara Anna"),  # and last turned round too
        ("?sort=passcode", "beth Cara Anna Dee"),  # no column of this list
        ("?sort=--name", "beth Cara Anna Dee"),
    ],
)
def test_rows_come_in_the_order_asked_for(app, query, expected):
    assert " ".join(row.name for row in asked(app, f"/staff/clients{query}").rows(ROWS)) == expected


def test_a_press_sorts_the_next_turns_round_and_what_else_was_asked_for_stays(app):
    address = "/staff/clients?mine=1&centre=2&sort=name"
    with app.test_request_context(address):
        sort = sorting.asked_for(COLUMNS)
        assert sort.address("age") == "/staff/clients?mine=1&centre=2&sort=age"
        assert sort.address("name") == "/staff/clients?mine=1&centre=2&sort=-name"
    with app.test_request_context("/staff/clients?sort=-name"):
        assert sorting.asked_for(COLUMNS).address("name") == "/staff/clients?sort=name"


def test_two_lists_of_one_page_are_sorted_apart(app):
    with app.test_request_context("/staff/referrals?sort=name&contact_sort=-age"):
        first, second = sorting.asked_for(COLUMNS), sorting.asked_for(COLUMNS, name="contact_sort")
        assert (first.value, second.value) == ("name", "-age")
        assert second.address("name") == "/staff/referrals?sort=name&contact_sort=name"


def test_what_the_address_says_is_never_written_into_the_page_as_it_stands(app):
    with app.test_request_context('/staff/clients?mine="><b>&sort=name'):
        assert '"' not in sorting.asked_for(COLUMNS).address("age")


def test_the_head_says_which_way_it_is_sorted(app):
    sort = asked(app, "/staff/clients?sort=-age")
    assert (sort.state("age"), sort.state("name")) == ("descending", "none")
