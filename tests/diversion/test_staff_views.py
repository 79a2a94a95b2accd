"""A referrer sees the state of her own referrals, and nothing else."""

from datetime import date, timedelta

from portal.clients.models import Client, Restriction
from portal.core.database import session, unit_of_work
from portal.staff.models import Staff
from tests.diversion import referrals
from tests.support import make, sign_in
from tests.support.pages import XHTML, words


def test_a_referrer_sees_the_state_of_her_own_referrals_alone(page_client, travel):
    dana, else_ = make.staff("referrer", first_name="Dana"), make.staff("referrer", first_name="Ed")
    client, closed, restricted = make.client(called_name="Marigold"), make.client(), make.client()
    referrals.referral(client, dana, reference="REF-OPEN", referred_on=date(2026, 10, 20))
    referrals.referral(closed, dana, reference="REF-CLOSED")
    referrals.referral(restricted, dana, reference="REF-RESTRICTED")
    referrals.referral(client, else_, reference="REF-OTHER")
    with unit_of_work():
        row = session.get_one(Client, closed.id)
        row.state, row.closed_at = "closed", travel.now
        session.add(Restriction(client_id=restricted.id, staff_id=dana.id, since_at=travel.now))
    sign_in.as_staff(page_client, session.get_one(Staff, dana.id))
    page = page_client.get("/staff/referrals")
    rows = [[words(cell) for cell in row.iter(XHTML + "td")] for row in page.find_all("tr")]
    assert ["REF-OPEN", "Tue 20 Oct", "Accepted on Tue 1 Dec"] in rows
    assert ["REF-CLOSED", "Tue 20 Oct", "Closed on Tue 1 Dec"] in rows
    assert "REF-OTHER" not in page.html
    assert "REF-RESTRICTED" not in page.html  # R29
    for secret in ("Marigold", client.code_name, referrals.OFFENCE):
        assert secret not in page.html


def test_reception_and_admins_do_not_open_the_list(new_page_client, app):
    centre = make.centre()
    for role in ("receptionist", "admin"):
        browser = new_page_client()
        sign_in.as_staff(browser, make.staff(role, session.get_one(make.Centre, centre.id)))
        assert browser.get("/staff/referrals").status == 403


def test_a_referrer_without_referrals_is_told_so_and_opens_nothing_of_a_woman(page_client, travel):
    client = make.client()
    sign_in.as_staff(page_client, make.staff("referrer", first_name="Dana"))
    assert "You have made no referrals yet." in page_client.get("/staff/referrals").text
    assert page_client.get(f"/staff/clients/{client.id}/plan").status == 403


def test_where_family_reported_her_no_day_on_which_she_came_is_told(page_client, travel):  # R45
    dana, client, other = make.staff("referrer", first_name="Dana"), make.client(), make.client()
    kind = make.kind()
    for woman, reference, is_family in ((client, "REF-1", True), (other, "REF-2", False)):
        referrals.referral(woman, dana, reference=reference, reporter_is_family=is_family)
        referrals.came(woman, kind, travel.now - timedelta(days=10))
    sign_in.as_staff(page_client, session.get_one(Staff, dana.id))
    page = page_client.get("/staff/referrals")
    rows = {words(cells[0]): words(cells[2]) for row in page.find_all("tr") if (cells := list(row.iter(XHTML + "td")))}
    assert rows == {"REF-1": "First seen", "REF-2": "First seen on Sat 21 Nov"}
