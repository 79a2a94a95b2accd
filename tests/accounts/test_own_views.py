"""Where she is signed in, and a new passcode that she chooses herself (R15)."""

import re

import pytest

from portal.accounts.models import SignedIn
from portal.audit.models import AuditEntry
from portal.core.database import session
from tests.support import make, sign_in


@pytest.fixture
def she(app, travel):
    return make.client()


def sections(page) -> list[str]:
    return [" ".join("".join(card.itertext()).split()) for card in page.find_all("section", class_="card")]


def test_each_session_says_since_when_and_on_what_and_which_is_this_one(page_client, new_page_client, she, travel):
    other = new_page_client()
    other.get("/sign-in")
    other.submit("/sign-in", code_name=she.code_name, passcode=make.PASSCODE, shared="y")
    travel.forward(minutes=3)
    sign_in.as_client(page_client, she)
    page = page_client.get(page_client.get("/me").links()["See where you are signed in"])
    own, shared = sections(page)[:2]
    assert own == "Your own phone or computer (this one) Since Tuesday 1 December, 10:03am."
    assert shared == "Not your own phone or computer Since Tuesday 1 December, 10:00am. Sign out there"
    assert not re.search(r"\d+\.\d+\.\d+|[Nn]etwork|[Bb]rowser|London", page.text), "nothing about network or place"


def test_a_session_by_text_says_so(page_client, she):
    sign_in.as_client(page_client, she)
    session.query(SignedIn).update({"by_text": True, "kind": "kiosk"})
    session.commit()
    assert "A screen at a centre (this one) Since Tuesday 1 December, 10:00am. With a code by text." in sections(
        page_client.get("/me/signed-in")
    )


def test_she_ends_one_or_all_others_in_one_press(page_client, new_page_client, she, travel):
    others = [new_page_client() for _ in range(3)]
    for other in others:
        travel.forward(minutes=1)
        sign_in.as_client(other, she)
    sign_in.as_client(page_client, she)
    page = page_client.get("/me/signed-in")
    newest = page.find_all("input", name="session")[0].get("value")
    page_client.post("/me/signed-in", {"session": newest})
    assert [other.get("/today").status for other in others] == [200, 200, 303]
    page_client.get("/me/signed-in")
    assert "Sign out everywhere else" in page_client.page.text
    page_client.post("/me/signed-in")
    assert [other.get("/today").status for other in others] == [303] * 3
    assert page_client.get("/today").status == 200
    assert "Sign out there" not in page_client.get("/me/signed-in").text


@pytest.mark.parametrize("typed", ["0", "-1", "x", "99999999999999999999"])
def test_what_is_no_session_of_hers_ends_nothing_of_others(page_client, new_page_client, she, typed):
    stranger = new_page_client()
    sign_in.as_client(stranger, make.client())
    theirs = session.query(SignedIn).one().id
    sign_in.as_client(page_client, she)
    page_client.get("/me/signed-in")
    assert page_client.post("/me/signed-in", {"session": str(theirs)}).status == 303
    assert page_client.post("/me/signed-in", {"session": typed}).status == 303
    assert stranger.get("/today").status == 200


def test_with_her_old_passcode_she_chooses_a_new_one_and_is_out_everywhere_else(page_client, new_page_client, she):
    other = new_page_client()
    sign_in.as_client(other, she)
    sign_in.as_client(page_client, she)
    page_client.get("/me/passcode")
    before = page_client.client.get_cookie("week").value
    page = page_client.submit("/me/passcode", passcode="271 828", new_passcode="918 273")
    assert page.address == "/me/signed-in"
    assert "You have a new passcode." in page.text
    assert "You have a new passcode." not in page_client.get("/me/signed-in").text
    assert other.get("/today").location == "/sign-in"
    other.client.set_cookie("week", before)
    assert other.get("/today").location == "/sign-in", "her own old cookie ended too"
    assert sign_in.as_client(new_page_client(), she).status == 422
    assert sign_in.as_client(new_page_client(), she, "918273").address == "/today"
    assert session.query(AuditEntry).filter_by(action="passcode_set", client_id=she.id).count() == 1


@pytest.mark.parametrize(
    ("typed", "field", "rule"),
    [(("000112", "918273"), "passcode", "That is not right."), ((make.PASSCODE, "11111"), "new_passcode", "6 numbers"),
     ((make.PASSCODE, "456789"), "new_passcode", "in a row")],
)  # fmt: skip
def test_a_wrong_or_weak_one_changes_nothing(page_client, new_page_client, she, typed, field, rule):
    sign_in.as_client(page_client, she)
    page_client.get("/me/passcode")
    page = page_client.submit("/me/passcode", passcode=typed[0], new_passcode=typed[1])
    assert page.status == 422
    assert page.find_all("a", href=f"#{field}") and rule in page.text
    assert typed[0] not in page.html and typed[1] not in page.html
    assert sign_in.as_client(new_page_client(), she).address == "/today"


def test_tries_of_the_old_passcode_are_counted_with_all_others(page_client, new_page_client, she):  # R14
    sign_in.as_client(page_client, she)
    for _ in range(10):
        page_client.get("/me/passcode")
        page_client.submit("/me/passcode", passcode="000112", new_passcode="918273")
    assert sign_in.as_client(new_page_client(), she).status == 422


def test_a_kiosk_stays_a_kiosk_after_a_new_passcode(page_client, she, travel):
    page_client.get("/sign-in")
    page_client.submit("/sign-in", code_name=she.code_name, passcode=make.PASSCODE, shared="y")
    page_client.get("/me/passcode")
    page_client.submit("/me/passcode", passcode=make.PASSCODE, new_passcode="918273")
    assert [row.kind for row in session.query(SignedIn).order_by(SignedIn.id)] == ["shared", "shared"]
