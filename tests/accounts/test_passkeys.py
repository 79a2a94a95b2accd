"""Passkeys of staff, alone or as the second step: forged, copied, replayed and others' open nothing (R17)."""

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from sqlalchemy import select
from webauthn.helpers import bytes_to_base64url

from portal.accounts import passkeys
from portal.accounts.staff_models import Passkey
from portal.audit.models import AuditEntry
from portal.core import clock, crypto
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.core.settings import Settings
from portal.privacy.service import reseal, sealed_models
from portal.staff.models import Staff
from tests.core.test_settings import PRODUCTION
from tests.support import authenticator, make, sign_in
from tests.support.authenticator import Authenticator


@pytest.fixture
def keyworker(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def device(page_client, keyworker):
    """A passkey of the keyworker, who is signed in."""
    sign_in.as_staff(page_client, keyworker)
    page_client.get("/staff/me")
    return authenticator.add(page_client)


@pytest.fixture
def elsewhere(new_page_client):
    return new_page_client()


def is_in(browser) -> bool:
    return browser.get("/staff/today").status == 200


def actions() -> list[str]:
    session.remove()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def with_password(browser, person) -> None:
    browser.get("/staff/sign-in")
    browser.submit("/staff/sign-in", email=person.email, password=make.PASSWORD)


def test_a_passkey_alone_leads_to_her_day_or_where_she_was_going(device, elsewhere):
    elsewhere.get("/staff/worklist")
    assert authenticator.sign_in(elsewhere, device).address == "/staff/worklist"
    assert "passkey_added" in actions()


def test_a_passkey_is_a_second_step(device, elsewhere, keyworker):
    with_password(elsewhere, keyworker)
    assert "Code from your app" in elsewhere.page.text and 'data-for="second"' not in elsewhere.page.html
    asked = authenticator.options(elsewhere, "second")
    assert [one["id"] for one in asked["allowCredentials"]] == [json.loads(device.use(asked))["id"]]
    assert asked["userVerification"] == "required"
    page = elsewhere.post("/staff/sign-in/second", {"passkey": device.use(asked)}, follow=True)
    assert page.address.startswith("/staff/today")


def test_at_an_address_with_a_number_the_page_says_where_passkeys_work(page_client, app):
    page = page_client.get("/staff/sign-in", base_url="http://127.0.0.1:8000")
    assert "Passkeys need a name in the address" in page.text
    assert "http://localhost:8000/staff/sign-in" in page.links().values()
    page = page_client.get("/staff/sign-in", base_url="http://localhost:8000")
    assert "data-passkey" in page.html and "Passkeys need a name" not in page.text


@pytest.mark.parametrize(
    ("address", "at"),
    [
        ("https://week.example.org", ("week.example.org", "https://week.example.org")),
        ("https://week.example.org:8443", ("week.example.org", "https://week.example.org:8443")),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_where_passkeys_work_is_said_by_the_public_address(environ, address, at):
    settings = Settings.from_env({**PRODUCTION, **environ, "PORTAL_PUBLIC_URL": address})
    assert passkeys.party(settings) == at


def test_the_same_answer_opens_nothing_twice(device, elsewhere, new_page_client):
    asked = authenticator.options(elsewhere, "sign_in")
    before = dict(elsewhere.client._cookies)
    used = device.use(asked)
    assert elsewhere.post("/staff/sign-in/passkey", {"passkey": used}).status == 303
    assert elsewhere.post("/staff/sign-in/passkey", {"passkey": used}).status == 422
    thief = new_page_client()
    thief.client._cookies = before
    thief.page = None
    assert thief.post("/staff/sign-in/passkey", {"passkey": used}).status == 422, "nor with the cookie of that moment"
    assert not is_in(thief)


@pytest.mark.parametrize(
    "forged",
    [
        {"origin": "https://week.example.net"},
        {"origin": "http://localhost:9000"},
        {"verified": False},
        {"handle": "c29tZWJvZHkgZWxzZQ"},
    ],
)
def test_a_wrong_origin_or_person_or_nobody_verified_opens_nothing(device, elsewhere, forged):
    assert authenticator.sign_in(elsewhere, device, **forged).status == 422
    assert not is_in(elsewhere)


def test_a_challenge_of_another_browser_purpose_or_time_opens_nothing(
    device, elsewhere, new_page_client, keyworker, monkeypatch
):
    other = new_page_client()
    theirs = authenticator.options(other, "sign_in")
    authenticator.options(elsewhere, "sign_in")
    assert elsewhere.post("/staff/sign-in/passkey", {"passkey": device.use(theirs)}).status == 422
    with_password(other, keyworker)
    for_second = authenticator.options(other, "second")
    assert other.post("/staff/sign-in/passkey", {"passkey": device.use(for_second)}).status == 422
    late = authenticator.options(elsewhere, "sign_in")
    later = clock.real_now() + passkeys.CHALLENGE_LIFE
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert elsewhere.post("/staff/sign-in/passkey", {"passkey": device.use(late)}).status == 422
    assert not is_in(elsewhere) and not is_in(other)


def test_a_colleague_s_passkey_is_no_second_step_of_hers(device, elsewhere, new_page_client):
    colleague = make.staff("keyworker", make.centre(), first_name="Ana")
    with_password(elsewhere, colleague)
    for handle in (None, ""):
        used = device.use(authenticator.options(elsewhere, "second"), handle=handle)
        assert elsewhere.post("/staff/sign-in/second", {"passkey": used}).status == 422
    stranger = Authenticator(credential_id=device.credential_id, user_handle=device.user_handle)
    assert authenticator.sign_in(elsewhere, stranger).status == 422, "the number of a passkey is not its key"
    assert authenticator.sign_in(elsewhere, Authenticator()).status == 422
    assert not is_in(elsewhere)


def test_nobody_adds_a_passkey_that_somebody_has(device, elsewhere):
    colleague = make.staff("keyworker", make.centre(), first_name="Ana")
    sign_in.as_staff(elsewhere, colleague)
    made = device.make(authenticator.options(elsewhere, "add"))
    page = elsewhere.post("/staff/me/passkeys", {"passkey": made})
    assert page.status == 422 and "somebody" in page.text


@pytest.mark.parametrize("forged", [{"origin": "https://week.example.net"}, {"verified": False}])
def test_a_forged_new_passkey_is_not_added(page_client, keyworker, forged):
    sign_in.as_staff(page_client, keyworker)
    made = Authenticator().make(authenticator.options(page_client, "add"), **forged)
    assert page_client.post("/staff/me/passkeys", {"passkey": made}).status == 422
    assert passkeys.passkeys_of(keyworker.id) == []


def test_one_that_the_device_has_is_left_out_when_adding(device, page_client):
    asked = authenticator.options(page_client, "add")
    assert len(asked["excludeCredentials"]) == 1
    assert "example.org" not in asked["user"]["id"]


def test_a_copied_passkey_is_refused_stopped_and_on_record(device, elsewhere, page_client):
    device.count = 7
    assert authenticator.sign_in(elsewhere, device).status == 200
    device.count = 7
    assert authenticator.sign_in(elsewhere, device).status == 422
    device.count = 100
    assert authenticator.sign_in(elsewhere, device).status == 422, "nobody can tell the copy from the first one"
    assert "passkey_copy_refused" in actions()
    assert "there may be a copy" in page_client.get("/staff/me").text


def test_a_stranger_cannot_stop_her_passkey(device, elsewhere):
    device.count = 7
    assert authenticator.sign_in(elsewhere, device).status == 200
    fake = Authenticator(credential_id=device.credential_id, user_handle=device.user_handle, count=1)
    assert authenticator.sign_in(elsewhere, fake).status == 422
    device.count = 8
    assert authenticator.sign_in(elsewhere, device).status == 200


def test_who_left_signs_in_no_more(device, elsewhere, keyworker):  # R17
    with unit_of_work():
        session.get(Staff, keyworker.id).active = False
    page = authenticator.sign_in(elsewhere, device)
    unknown = authenticator.sign_in(elsewhere, Authenticator())
    assert (page.status, page.text) == (unknown.status, unknown.text)  # R14
    assert not is_in(elsewhere)


def test_a_removed_passkey_opens_nothing_and_the_last_way_stays(device, page_client, elsewhere, keyworker):
    page_client.get("/staff/me")
    page = page_client.submit("/staff/me/app/remove")
    assert "The app no longer counts" in page.html
    [passkey] = passkeys.passkeys_of(keyworker.id)
    page = page_client.submit(f"/staff/me/passkeys/{passkey.id}/remove")
    assert page.status == 422 and "only second step" in page.text
    second = authenticator.add(page_client, "Phone")
    page_client.get("/staff/me")
    assert "Passkey removed" in page_client.submit(f"/staff/me/passkeys/{passkey.id}/remove").html
    assert authenticator.sign_in(elsewhere, device).status == 422
    assert authenticator.sign_in(elsewhere, second).status == 200


def test_nobody_removes_a_colleague_s_passkey(device, elsewhere, keyworker):
    sign_in.as_staff(elsewhere, make.staff("admin", first_name="Alex"))
    [passkey] = passkeys.passkeys_of(keyworker.id)
    assert elsewhere.post(f"/staff/me/passkeys/{passkey.id}/remove").status == 404


def test_wrong_answers_use_up_her_tries(device, elsewhere):  # R14
    for _ in range(10):
        assert authenticator.sign_in(elsewhere, device, verified=False).status == 422
    assert authenticator.sign_in(elsewhere, device).status == 422, "the right one is not looked at any more"


def test_what_lies_in_the_database_names_no_passkey(device, app):  # R32
    with session.bind.connect() as connection:
        row = connection.execute(select(Passkey.__table__)).mappings().one()
    stored = b"".join(value for value in row.values() if isinstance(value, bytes))
    assert b"Work laptop" not in stored and device.credential_id not in stored
    assert all(isinstance(row[name], bytes) for name in ("name", "public_key", "credential_id"))


def test_when_the_keys_were_rotated_a_passkey_still_works(device, elsewhere, monkeypatch):  # R32
    old = crypto.keyring()
    new = b"n" * crypto.KEY_BYTES
    for field_keys in ((new, *old.field_keys), (new,)):
        monkeypatch.setattr(crypto, "_keyring", crypto.Keyring(field_keys, old.index_key))
        for model in sealed_models():
            with unit_of_work():
                reseal(model, 0)
    session.remove()
    assert authenticator.sign_in(elsewhere, device).status == 200


def test_a_challenge_is_given_to_whom_the_purpose_fits(page_client, keyworker):
    for purpose in ("second", "prove", "add", "set_up", "other"):
        assert page_client.post("/staff/sign-in/challenge", {"for": purpose}).status == 404, purpose
    sign_in.as_client(page_client, make.client(keyworker))
    assert page_client.post("/staff/sign-in/challenge", {"for": "add"}).status == 404


CUT = st.integers(min_value=1, max_value=60).map(lambda left_out: slice(left_out, None))
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x"]), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("known", [True, False])
def test_whatever_is_sent_as_an_answer_is_refused_without_a_fault(device, keyworker, known):
    """A known passkey is looked at to the end, below the limit on tries; an unknown one is not."""
    at, person = passkeys.Party(authenticator.HOST, authenticator.ORIGIN), session.get(Staff, keyworker.id)
    sender = device if known else Authenticator()

    @example_settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def refused(data):
        challenge = b"c" * 32
        asked = json.loads(passkeys.options_to_use(person.id, challenge, at))
        new = json.loads(passkeys.options_to_add(person, challenge, at, "My Week"))
        adds = data.draw(st.booleans())
        sent = json.loads(sender.make(new) if adds else sender.use(asked))
        places = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
        place = data.draw(st.sampled_from(["rawId", "type", "response", *places]))
        part = sent if place in sent else sent["response"]
        if place not in part or place == "userHandle":
            return
        random = st.binary(max_size=40).map(bytes_to_base64url)
        part[place] = data.draw(ODD | random | CUT.map(str(part[place]).__getitem__))
        answer = passkeys.read_answer(json.dumps(sent))
        with unit_of_work():
            if answer is None:
                return
            if adds:
                with pytest.raises(Invalid):
                    passkeys.add_passkey(person, answer, challenge, at, "", now=clock.now())
            else:
                assert not passkeys.passkey_fits(person, answer, challenge, at, now=clock.now())

    refused()
    session.remove()
    assert len(passkeys.usable_passkeys(keyworker.id)) == 1


@pytest.mark.parametrize(
    "sent", ["", "null", "[]", "{}", '{"id":1}', "[" * 5000, '{"id":"a","response":[]}', "x" * 20_000]
)
def test_what_is_no_answer_at_all_is_refused(page_client, keyworker, sent):
    page_client.get("/staff/sign-in")
    assert page_client.post("/staff/sign-in/passkey", {"passkey": sent}).status == 422
