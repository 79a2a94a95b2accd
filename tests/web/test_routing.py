"""Numbers in addresses: each page has one address, and no number is a fault."""

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule

from portal.web.routing import LARGEST_ROW_ID, RowIdConverter

ADDRESSES = Map([Rule("/help/<int:number>", endpoint="help")], converters={"int": RowIdConverter}).bind("localhost")


@pytest.mark.parametrize("number", [0, 7, 10, LARGEST_ROW_ID])
def test_a_rows_number_is_an_address(number):
    assert ADDRESSES.match(f"/help/{number}") == ("help", {"number": number})
    assert ADDRESSES.build("help", {"number": number}) == f"/help/{number}"


@pytest.mark.parametrize("written", ["007", "00", "٧", "+7", "-7", "7_0", str(LARGEST_ROW_ID + 1), "9" * 5000, "²"])
def test_any_other_number_is_an_address_that_is_not_there(written):
    with pytest.raises(NotFound):
        ADDRESSES.match(f"/help/{written}")
