"""The demo's data inside a test, and signing in as its people."""

from dataclasses import dataclass

import pyotp

from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.jobs import demo
from portal.jobs.demo_people import STAFF, WOMEN
from tests.support.pages import Page, PageClient


@dataclass(frozen=True)
class DemoHouse:
    """Signs its made-up people in."""

    def woman(self, browser: PageClient, code_name: str) -> Page:
        """Sign a woman in; gives her first page."""
        woman = next(woman for woman in WOMEN if woman.code_name == code_name)
        browser.get("/sign-in")
        return browser.submit("/sign-in", code_name=code_name, passcode=woman.passcode)

    def all_read(self, language: str) -> None:
        """Put down one language for every woman."""
        with unit_of_work():
            for client in session.query(Client):
                client.language = language

    def staff(self, browser: PageClient, first_name: str) -> Page:
        """Sign a member of staff in; gives her first page."""
        person = next(person for person in STAFF if person.first_name == first_name)
        browser.get("/staff/sign-in")
        browser.submit("/staff/sign-in", email=person.email, password=person.password)
        code = pyotp.TOTP(person.totp_secret).at(clock.real_now())
        return browser.submit("/staff/sign-in/second", code=code)


def load() -> DemoHouse:
    """Load the demo's data into the database under test."""
    with unit_of_work():
        demo.load(now=clock.now())
    session.remove()
    return DemoHouse()
