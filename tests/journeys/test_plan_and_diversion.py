"""From a referral to closing, through the pages: who refers, who accepts, who works with her, and what is counted."""

from datetime import timedelta

import pytest

from portal.centres.models import Centre, Kind
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session
from portal.diversion.models import Referral
from portal.diversion.queries import report_for
from tests.backoffice.test_closing import SEEN_TO
from tests.diversion import intake, referrals
from tests.support import make, sign_in


@pytest.fixture
def house(app, travel):
    centre = make.centre(borough="Camden")
    people = {
        "dana": make.staff("referrer", centre, first_name="Dana"),
        "frances": make.staff("manager", centre, first_name="Frances"),
        "jo": make.staff("keyworker", centre, first_name="Jo"),
    }
    return centre, make.kind("Time", centre), people


def test_from_a_referral_to_closing(house, new_page_client, travel):
    centre, kind, people = house
    browsers = {name: new_page_client() for name in people}
    for name, browser in browsers.items():
        sign_in.as_staff(browser, people[name])
    dana, frances, jo = browsers["dana"], browsers["frances"], browsers["jo"]

    # The police refer her, with two sessions asked.
    today = clock.london_today(clock.now())
    key = dana.get("/staff/refer").field("request_key")
    sent = dana.post("/staff/refer", intake.form(centre.id, today + timedelta(days=90), request_key=key))
    assert sent.status == 303
    row = session.query(Referral).one()
    referral_id, client_id = row.id, row.client_id
    assert dana.get(f"/staff/clients/{client_id}").status == 403

    # A manager accepts and gives her a worker, who rings her.
    assert frances.post(f"/staff/referrals/{referral_id}/accept", {"request_key": "a"}).status == 303
    given = {"to_id": str(people["jo"].id), "request_key": "b"}
    assert frances.post(f"/staff/referrals/{referral_id}/keyworker", given).status == 303
    rang = jo.post(f"/staff/referrals/{referral_id}/first-contact", {"request_key": "c", "how": "rang"})
    assert rang.status == 303

    # A plan is shared, and she says that she agrees.
    jo.get(f"/staff/clients/{client_id}/plan")
    jo.submit(f"/staff/clients/{client_id}/goals", pathway="accommodation", worker_words="A flat of her own")
    jo.get(f"/staff/clients/{client_id}/plan")
    jo.submit(f"/staff/clients/{client_id}/plan/share")
    jo.get(f"/staff/clients/{client_id}/plan/answer")
    page = jo.submit(f"/staff/clients/{client_id}/plan/answer", answer="yes")
    assert page.status == 200

    # She comes twice: the condition is met, and the report says so and nothing of the plan.
    for minutes in (90, 5):
        session.remove()
        at = clock.now() - timedelta(minutes=minutes)
        referrals.came(session.get_one(Client, client_id), session.get_one(Kind, kind.id), at)
    (report,) = report_for(session.get_one(Client, client_id), clock.now())["reports"]
    assert (report["status"], report["attended"]) == ("met", 2)
    assert "flat" not in str(report)

    # Her record is closed, and all that Dana reads is that it is.
    jo.get(f"/staff/clients/{client_id}/close")
    closed = jo.submit(f"/staff/clients/{client_id}/close", reason="completed", follow_up="no", **SEEN_TO)
    assert closed.status == 200
    session.remove()
    assert session.get_one(Client, client_id).state == "closed"
    page = dana.get("/staff/referrals")
    assert "closed" in page.text.lower()
    assert "Marigold" not in page.html

    # One woman is too few to be counted, and that is all that the numbers say.
    travel.to("2027-02-01 10:00")
    olive = make.staff("manager", session.get_one(Centre, centre.id), first_name="Olive")
    page = sign_in.staff_at(new_page_client(), olive, "/staff/reports")
    assert "October to December 2026" in page.text
    assert "Fewer than 5 women: nothing is shown." in page.text
