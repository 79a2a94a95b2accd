"""Signing in through the real forms."""

import pyotp

from portal.clients.models import Client
from portal.core import clock
from portal.staff.models import Staff
from tests.support import make
from tests.support.pages import Page, PageClient


def as_client(browser: PageClient, client: Client, passcode: str = make.PASSCODE) -> Page:
    """Sign a woman in; gives the page she lands on."""
    browser.get("/sign-in")
    return browser.submit("/sign-in", code_name=client.code_name, passcode=passcode)


def step_up(browser: PageClient, passcode: str = make.PASSCODE) -> Page:
    """Give the passcode again on the page that asks for it."""
    return browser.submit("/step-up", passcode=passcode)


def as_staff(browser: PageClient, staff: Staff) -> Page:
    """Sign a member of staff in with password and the next unused code; gives the page she lands on."""
    browser.get("/staff/sign-in")
    browser.submit("/staff/sign-in", email=staff.email, password=make.PASSWORD)
    return browser.submit("/staff/sign-in/second", code=pyotp.TOTP(make.TOTP_SECRET).at(clock.real_now()))


def staff_at(browser: PageClient, staff: Staff, address: str) -> Page:
    """Ask for a page of the back office, sign in, and land on it; rows made before stay readable."""
    for row in list(make.session()):
        make.session.refresh(row)
    browser.get(address)
    return as_staff(browser, staff)
