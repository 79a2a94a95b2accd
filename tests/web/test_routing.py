"""Numbers in addresses: each page has one address, and no number is a fault."""

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect

from portal.web.routing import LARGEST_ROW_ID, RowIdConverter, is_own_path

ADDRESSES = Map([Rule("/help/<int:number>", endpoint="help")], converters={"int": RowIdConverter}).bind("localhost")


@pytest.mark.parametrize("number", [0, 7, 10, LARGEST_ROW_ID])
def test_a_rows_number_is_an_address(number):
    assert ADDRESSES.match(f"/help/{number}") == ("help", {"number": number})
    assert ADDRESSES.build("help", {"number": number}) == f"/help/{number}"


@pytest.mark.parametrize("written", ["007", "00", "٧", "+7", "-7", "7_0", str(LARGEST_ROW_ID + 1), "9" * 5000, "²"])
def test_any_other_number_is_an_address_that_is_not_there(written):
    with pytest.raises(NotFound):
        ADDRESSES.match(f"/help/{written}")


ODD_PARTS = [
    "/", "//", "\\", "/\\", "..", ".", "%2e%2e", "%2f", "%5c", "%252f", "staff", "today",
    "evil.example", "@", ":", "#", "?", "&next=", "https:", "javascript:", "data:", "\r\n",
    "\n", "\t", "\x00", " ", "\u2028",
    "\u202e", "\u00a0", "%0d%0a", "%00", "user:pass@", "。", "／", "＼", "٣", "é",
]  # fmt: skip
HERE = "https://week.example.org/staff/sign-in"


@given(st.lists(st.sampled_from(ODD_PARTS) | st.text(max_size=5), max_size=8).map("".join), st.booleans())
def test_whatever_leads_on_stays_on_this_site_below_its_address(odd, below_staff):
    path = f"/staff/{odd}" if below_staff else odd
    if not is_own_path(path, below="/staff/"):
        return
    # Browsers read a backslash as a slash and leave out tabs and line ends; both are refused, so this is their reading.
    target = urlsplit(urljoin(HERE, path))
    assert (target.scheme, target.netloc, target.username) == ("https", "week.example.org", None)
    assert target.path.startswith("/staff/") and "//" not in target.path and "/.." not in unquote(target.path)
    location = redirect(path).headers["Location"]
    assert urlsplit(urljoin(HERE, location)).netloc == "week.example.org" and "\n" not in location


@pytest.mark.parametrize(
    "path",
    [
        "", "//evil.example", "/\\evil.example", "https://evil.example/staff/", "/staff", "/staffing", "/staff//evil",
        "/staff/../today", "/staff/%2e%2e/today", "/staff/%2e%2e%2ftoday", "/staff/..%5ctoday", "/staff/\\evil.example",
        "/staff/\r\nSet-Cookie: a=b", "/staff/\ttoday", "/staff/ x", "/staff/./x", "javascript:alert(1)",
        "/staff/\u2028x", "https:/staff/", " /staff/today", "/staff/%00",
    ],
)  # fmt: skip
def test_what_could_lead_away_is_refused(path):
    assert not is_own_path(path, below="/staff/")


@pytest.mark.parametrize(
    "path",
    ["/staff/today", "/staff/clients/7?tab=plan", "/staff/inbox/search?q=a%2Fb//c", "/staff/diary?on=2026-12-03"],
)
def test_pages_of_ours_are_not(path):
    assert is_own_path(path, below="/staff/")
