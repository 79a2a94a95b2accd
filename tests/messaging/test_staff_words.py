"""What staff read about safe contact and texts."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from portal.clients.rules import ContactFacts, Hold
from portal.messaging import staff_words
from portal.messaging.models import Text
from portal.messaging.rules import Reason, TextState

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)


def contact(safe_hours, **values) -> ContactFacts:
    facts = {"may_text": True, "has_number": True, "proved_at": NOW, "sign_at": NOW, "stopped": False}
    facts |= {"pause_until": None, "check_again_on": date(2027, 1, 1)}
    return ContactFacts(**(facts | values), safe_hours=safe_hours)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((0, 1, 2, 3, 4), "May be texted Mon to Fri 09:30 to 14:30"),
        ((0, 2, 4), "May be texted Mon, Wed, Fri 09:30 to 14:30"),
        ((5, 6), "May be texted Sat, Sun 09:30 to 14:30"),
        ((), "No safe hours for texts"),
    ],
)
def test_her_hours_in_short(days, words):
    hours = tuple((day, time(9, 30), time(14, 30)) for day in days)
    assert staff_words.may_be_texted(contact(hours), NOW) == words


def test_two_windows_a_day():
    hours = ((1, time(9), time(10)), (1, time(18), time(19)))
    assert staff_words.may_be_texted(contact(hours), NOW) == "May be texted Tue 09:00 to 10:00; Tue 18:00 to 19:00"


def test_no_texts_and_pauses_come_first():
    hours = ((1, time(9), time(10)),)
    assert staff_words.may_be_texted(None, NOW) == "Nobody has asked her about safe contact"
    assert staff_words.may_be_texted(contact(hours, may_text=False), NOW) == "No texts to her"
    paused = contact(hours, pause_until=NOW + timedelta(days=1))
    assert staff_words.may_be_texted(paused, NOW) == "Texts paused until 2 December 10:00"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.OUT_OF_REACH, "Her phone is off or out of reach. Trying again 14:30"),
        (Reason.NOT_TAKEN, "The network could not deliver it. Trying again 14:30"),
    ],
)
def test_a_text_that_goes_again_says_why_and_when(reason, words):
    text = Text(state=TextState.WAITING, reason=reason, send_at=NOW.replace(hour=14, minute=30))
    assert staff_words.receipt(text, NOW) == words
    assert staff_words.receipt(text, NOW.replace(hour=15)) == words.replace("14:30", "now")


@pytest.mark.parametrize("reason", [*Hold, *Reason])
def test_every_reason_has_words(reason):
    assert staff_words.why(reason) in staff_words.WHY.values()


def test_a_pause_without_an_end_is_said_so_and_a_stop_before_all_else():  # R47
    told = contact((), pause_until=NOW + timedelta(days=366))
    assert staff_words.may_be_texted(told, NOW) == "Texts paused until she says so"
    stopped = contact((), pause_until=NOW + timedelta(days=366), stopped=True)
    assert staff_words.may_be_texted(stopped, NOW) == "Texts are stopped: a contact may have put her at risk"
