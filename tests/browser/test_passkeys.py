"""Passkeys in a real Chromium with an authenticator that it makes itself: set up, add, sign in, prove again, remove."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "nine slow barges pass"


@pytest.fixture
def house(portal: LivePortal) -> str:
    """The portal at an address with a name in it."""
    return portal.address.replace("127.0.0.1", "localhost")


@pytest.fixture
def desk(chromium: Browser):
    """A browser with an authenticator that asks for a finger and gets it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    made = devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.devices, page.device_id = devices, made["authenticatorId"]
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.faults = faults
    yield page
    context.close()


def person(portal: LivePortal, role: str) -> dict:
    return next(one for one in portal.demo["staff"] if one["role"] == role)


def by_password(page: Page, house: str, who: dict) -> None:
    page.goto(f"{house}/staff/sign-in")
    page.fill("#email", who["email"])
    page.fill("#password", who["password"])
    page.get_by_role("button", name="Go on").click()


def test_she_adds_a_passkey_signs_in_with_it_and_removes_it(desk: Page, portal: LivePortal, house: str):
    frances = person(portal, "manager")
    by_password(desk, house, frances)
    desk.fill("#code", portal.next_code(frances))
    desk.get_by_role("button", name="Sign in", exact=True).click()
    desk.get_by_role("link", name="Frances", exact=True).click()
    desk.fill("#name", "Work laptop")
    desk.get_by_role("button", name="Add a passkey").click()
    expect(desk.get_by_text("Passkey added.")).to_be_visible()
    expect(desk.get_by_text("Work laptop").first).to_be_visible()
    desk.get_by_role("button", name="Add a passkey").click()
    expect(desk.get_by_text("This device has a passkey of yours already.")).to_be_visible()

    desk.get_by_role("button", name="Sign out").click()
    desk.get_by_role("button", name="Sign in with a passkey").click()
    desk.wait_for_url("**/staff/today**")

    desk.get_by_role("button", name="Sign out").click()
    by_password(desk, house, frances)
    desk.get_by_role("button", name="Use a passkey").click()
    desk.wait_for_url("**/staff/today**")

    desk.goto(f"{house}/staff/step-up")
    desk.get_by_role("button", name="Use a passkey").click()
    desk.wait_for_url("**/staff/today**")

    desk.devices.send("WebAuthn.setUserVerified", {"authenticatorId": desk.device_id, "isUserVerified": False})
    desk.goto(f"{house}/staff/step-up")
    desk.get_by_role("button", name="Use a passkey").click()
    expect(desk.get_by_text("No passkey was used. Try again, or use another way.")).to_be_visible()
    desk.devices.send("WebAuthn.setUserVerified", {"authenticatorId": desk.device_id, "isUserVerified": True})

    desk.goto(f"{house}/staff/me")
    desk.get_by_role("button", name="Remove Work laptop").click()
    expect(desk.get_by_text("Passkey removed.")).to_be_visible()
    desk.get_by_role("button", name="Sign out").click()
    desk.get_by_role("button", name="Sign in with a passkey").click()
    expect(desk.get_by_text("The passkey was not accepted. Try again.").first).to_be_visible()
    assert [fault for fault in desk.faults if "Content Security Policy" in fault or "Permissions" in fault] == []


def test_a_new_person_sets_up_with_a_passkey_and_gets_codes(desk: Page, portal: LivePortal, house: str):
    link = portal.flask("staff", "add", "wren@example.org", "--name", "Wren Sample", "--role", "referrer").strip()
    desk.goto(link.replace(portal.address, house))
    desk.get_by_role("button", name="Make a passkey and finish").click()
    expect(desk.locator("#password:invalid")).to_be_visible()
    desk.fill("#password", PASSWORD)
    desk.get_by_role("button", name="Make a passkey and finish").click()
    expect(desk.locator("ol.codes li")).to_have_count(10)
    code = desk.locator("ol.codes li").first.inner_text()
    desk.reload()
    expect(desk.get_by_text("Codes are shown only once.")).to_be_visible()

    desk.get_by_role("link", name="I have them: sign in").click()
    desk.get_by_role("button", name="Sign in with a passkey").click()
    desk.wait_for_url("**/staff/referrals")

    desk.get_by_role("button", name="Sign out").click()
    by_password(desk, house, {"email": "wren@example.org", "password": PASSWORD})
    expect(desk.locator("#code")).to_have_count(0)
    desk.get_by_role("link", name="Use a recovery code").click()
    desk.fill("#recovery_code", code.upper().replace("-", " "))
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_text("You used a recovery code; the log says so. 9 codes are left.")).to_be_visible()


def test_without_script_the_app_is_the_way_and_nothing_else_is_shown(chromium: Browser, portal: LivePortal, house: str):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{house}/staff/sign-in")
    assert page.get_by_role("button").all_inner_texts() == ["Go on"]
    context.close()
