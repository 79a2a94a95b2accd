"""She reads the very report that others get."""

import re
from datetime import timedelta

from portal.diversion.queries import report_for
from tests.diversion import referrals
from tests.support import make, sign_in


def test_with_the_switch_off_there_is_nothing_to_show_as_for_a_woman_without_a_referral(
    page_client, new_page_client, travel
):  # R41
    client, plain = make.client(), make.client()
    referrals.referral(client)
    other = new_page_client()
    sign_in.as_client(page_client, client)
    sign_in.as_client(other, plain)
    one, two = page_client.get("/me/report", follow=True), other.get("/me/report", follow=True)
    assert one.html == two.html
    assert one.address == two.address == "/me/report"
    assert "There is nothing to show here." in one.text


def test_with_the_switch_on_she_reads_it_behind_her_passcode(page_client, travel):  # R16, R31
    client = make.client(report_online=True)
    referrals.referral(client)
    referrals.came(client, make.kind(), travel.now - timedelta(days=14))
    sign_in.as_client(page_client, client)
    assert page_client.get("/me/report", follow=True).address == "/step-up"
    page = sign_in.step_up(page_client)
    assert page.address == "/me/report"
    (told,) = report_for(client, travel.now)["reports"]
    assert told["reference"] in page.text
    assert re.search(r"asked to come to 2 appointments\..*came to 1 of them\..*Tuesday 17 November", page.text)
    assert "This is still going on." in page.text
    assert referrals.OFFENCE not in page.html
    travel.forward(minutes=5)
    assert page_client.get("/me/report").location == "/step-up"


def test_it_says_when_she_has_done_what_was_asked_and_that_no_days_are_told(page_client, travel):  # R45
    client = make.client(report_online=True)
    referrals.referral(client, needed=1, reporter_is_family=True)
    referrals.came(client, make.kind(), travel.now - timedelta(days=14))
    sign_in.as_client(page_client, client)
    page_client.get("/me/report", follow=True)
    page = sign_in.step_up(page_client)
    assert "You have done what was asked." in page.text
    assert "We do not tell them the days or the place." in page.text
    assert "November" not in page.text


def test_it_comes_in_arabic_from_right_to_left(page_client, travel):
    client = make.client(language="ar", report_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/me/report", follow=True)
    page = sign_in.step_up(page_client)
    assert page.find_all("html")[0].get("dir") == "rtl"
