"""The back office's own links: whoever sees one may open it."""

import pytest

from portal.core.access import Role
from tests.support import make, sign_in


@pytest.mark.parametrize("role", list(Role))
def test_every_link_that_a_role_sees_opens(page_client, travel, role):
    page = sign_in.staff_at(page_client, make.staff(role=role), "/staff/sign-in")
    links = [address for address in page.links().values() if address.startswith("/staff/")]
    assert links
    assert {address: page_client.get(address).status for address in links} == dict.fromkeys(links, 200)
