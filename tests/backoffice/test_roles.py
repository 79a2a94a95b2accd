"""The one table of roles and permissions: on a page for all staff, and in docs/, never two tables."""

import pytest

from portal.backoffice import roles
from portal.core.access import ROLE_TABLE, Permission, Role
from tests.support import make, permissions, sign_in


@pytest.mark.parametrize("role", Role)
def test_every_member_of_staff_reads_the_whole_table(page_client, app, travel, role):
    page = sign_in.staff_at(page_client, make.staff(role, make.centre()), "/staff/roles")
    assert page.h1 == "Roles"
    rows = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in page.find_all("tr")]
    table = {row[0]: row[1:] for row in rows if row}
    for permission in Permission:
        words = roles.LETS_ONE[permission]
        assert [has == "yes" for has in table[words]] == [permission in ROLE_TABLE[one] for one in Role], words
    assert "never sees her, whatever the role" in page.text


def test_every_permission_has_a_plain_sentence_of_its_own():
    assert set(roles.LETS_ONE) == set(Permission)
    assert len(set(roles.LETS_ONE.values())) == len(Permission)
    assert set(roles.REACH) == set(Role)


def test_the_page_in_docs_is_fresh():
    assert permissions.is_fresh(), "python -m tests.support.permissions --write"
