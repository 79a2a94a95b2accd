"""Where her ways in, her words and a centre's screen meet: nothing is lost, left behind or carried to the next."""

import pytest

from portal.accounts.models import KeptForm, SignedIn
from tests.support import make, sign_in


def kept() -> list[str]:
    make.session.rollback()
    return [form.typed["path"] for form in make.session.query(KeptForm)]


def test_a_passcode_typed_too_late_does_not_take_the_place_of_her_words(page_client, travel):  # R38
    client = make.client(messages_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    travel.forward(minutes=11)
    page_client.submit("/messages", body="I wrote this slowly.")
    assert sign_in.as_client(page_client, client).address == "/step-up"
    travel.forward(minutes=11)
    assert page_client.submit("/step-up", passcode=make.PASSCODE).address == "/sign-in"
    assert kept() == ["/messages"]
    sign_in.as_client(page_client, client)
    assert "I wrote this slowly." in sign_in.step_up(page_client).html


@pytest.mark.parametrize("path", ["/step-up", "/me/passcode", "/me/no-codes", "/me/signed-in", "/kept"])
def test_of_a_press_without_words_she_is_not_asked_whether_to_send_it(page_client, travel, path):
    client = make.client()
    sign_in.as_client(page_client, client)
    travel.forward(minutes=11)
    page_client.get("/sign-in")
    fields = {"passcode": make.PASSCODE, "new_passcode": "918273"}
    assert page_client.post(path, fields).location == "/sign-in"
    assert kept() == []
    assert sign_in.as_client(page_client, client).address == "/today"
