"""The long lists of the back office sort by the heads of their columns, and keep their filters."""

import re

import pytest

from tests.support import demo_house

LISTS = [
    ("Frances", "/staff/clients", ("called", "code", "keyworker", "last", "next", "contact")),
    ("Frances", "/staff/worklist", ("by", "what", "whom", "whose", "has")),
    ("Frances", "/staff/referrals", ("called", "from", "came", "due")),
    ("Frances", "/staff/caseloads", ("worker", "women", "tasks", "review", "contact", "first")),
    ("Alex", "/staff/people", ("name", "role", "state")),
    ("Dana", "/staff/referrals", ("reference", "on", "state")),
]


@pytest.fixture
def house(app, travel):
    return demo_house.load()


def rows_of(page) -> list[str]:
    return [" ".join("".join(row.itertext()).split()) for row in page.find_all("tr") if not row.get("aria-sort")][1:]


@pytest.mark.parametrize(("who", "address", "columns"), LISTS, ids=lambda value: str(value).strip("/"))
def test_every_column_that_offers_it_sorts_both_ways(house, page_client, who, address, columns):
    house.staff(page_client, who)
    as_it_comes = rows_of(page_client.get(address))
    for column in columns:
        for order, said in ((column, "ascending"), (f"-{column}", "descending")):
            page = page_client.get(f"{address}?sort={order}")
            assert page.status == 200
            states = [head.get("aria-sort") for head in page.find_all("th")]
            assert [state for state in states if state and state != "none"] == [said]
            assert sorted(rows_of(page)) == sorted(as_it_comes), "a row came or went"


def test_names_come_by_the_alphabet_and_turned_round(house, page_client):
    house.staff(page_client, "Frances")
    names = [name for name in called(page_client.get("/staff/clients?sort=called")) if name.isascii()]
    assert len(names) > 5 and names == sorted(names, key=str.casefold)
    turned = [name for name in called(page_client.get("/staff/clients?sort=-called")) if name.isascii()]
    assert turned == names[::-1]


def called(page) -> list[str]:
    links = (link for link in page.find_all("a") if re.fullmatch(r"/staff/clients/\d+", link.get("href") or ""))
    return ["".join(link.itertext()) for link in links]


def test_a_filter_stays_when_the_list_is_sorted_and_the_order_when_it_is_filtered(house, page_client):
    house.staff(page_client, "Frances")
    page = page_client.get("/staff/clients?due=1&sort=-called")
    assert page.links()["Code name"] == "/staff/clients?due=1&sort=code"
    assert page.field("sort") == "-called"
    assert 0 < len(rows_of(page)) < len(rows_of(page_client.get("/staff/clients?sort=-called")))
