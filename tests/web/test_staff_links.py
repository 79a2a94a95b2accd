"""The back office's own links: whoever sees one may open it; they fit into one line."""

import pytest

from portal.core.access import ROLE_TABLE, Role
from portal.web.context import DAILY_LINKS, MOST_IN_SIGHT, STAFF_LINKS
from tests.support import make, sign_in
from tests.support.pages import XHTML


@pytest.mark.parametrize("role", list(Role))
def test_every_link_that_a_role_sees_opens(page_client, travel, role):
    page = sign_in.staff_at(page_client, make.staff(role=role), "/staff/sign-in")
    links = [address for address in page.links().values() if address.startswith("/staff/")]
    assert links
    assert {address: page_client.get(address).status for address in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("role", list(Role))
def test_the_bar_holds_what_fits_and_the_rest_lies_under_more(page_client, travel, role):
    page = sign_in.staff_at(page_client, make.staff(role=role), "/staff/sign-in")
    bar = next(node for node in page.find_all("nav") if node.get("aria-label") == "Back office")
    more = {link.get("href") for details in bar.iter(XHTML + "details") for link in details.iter(XHTML + "a")}
    all_links = {link.get("href") for link in bar.iter(XHTML + "a")}
    assert all_links == {address for permission, address, _ in STAFF_LINKS if permission in ROLE_TABLE[role]}
    assert len(all_links - more) <= MOST_IN_SIGHT
    assert not more & DAILY_LINKS
    assert bool(more) is (len(all_links) > MOST_IN_SIGHT)


def test_the_page_she_is_on_is_marked_and_named_where_it_lies_under_more(page_client, travel):
    sign_in.staff_at(page_client, make.staff(role=Role.MANAGER), "/staff/today")
    page = page_client.get("/staff/rota")
    assert [link.get("href") for link in page.find_all("a") if link.get("aria-current") == "page"] == ["/staff/rota"]
    assert "".join(page.find_all("summary")[0].itertext()) == "More: Rota"
