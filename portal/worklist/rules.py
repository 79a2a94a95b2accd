"""By when a person must have done something, what can have been done, and what it is called."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from portal.centres.rules import NO_DATES, Dated, spans_on
from portal.core import clock

MORNING = time(10, 0)
WORKING_DAYS, WORKING_FROM, WORKING_UNTIL = range(5), time(9), time(17)
WORKING_WEEK = [(day, WORKING_FROM, WORKING_UNTIL) for day in WORKING_DAYS]
"""When people work, in London wall time: Monday to Friday, 9 to 5."""
UNREAD_AFTER = 4
"""Working hours after which what nobody has opened goes to a second person."""
CALLED_OUT_FOR = ("risk_text", "contact_put_at_risk")
"""Kinds of tasks for which who is on duty is called out (R25, R47)."""

FOR_MANAGERS = ("break_glass", "keep_apart", "settle_must_not_know", "confirm_report")
"""Kinds of tasks that a manager alone can do."""


def next_working_morning(now: datetime, holidays: Collection[date] = ()) -> datetime:
    """10:00 London time on the next weekday after `now`'s day that is no bank holiday."""
    day = clock.london_today(now) + timedelta(days=1)
    while day.weekday() not in WORKING_DAYS or day in holidays:
        day += timedelta(days=1)
    return clock.from_london(day, MORNING)


def working_hours_after(instant: datetime, hours: float, other_days: Dated = NO_DATES) -> datetime:
    """When so many hours of work have passed since an instant; work rests at night, at the weekend and, as
    `other_days` say, on bank holidays, unless a centre opens on purpose.
    """
    left, day = timedelta(hours=hours), clock.london_today(instant)
    while True:
        for opens, closes in spans_on(day, WORKING_WEEK, other_days):
            begins, ends = max(clock.from_london(day, opens), instant), clock.from_london(day, closes)
            if begins < ends:
                if left <= ends - begins:
                    return begins + left
                left -= ends - begins
        day += timedelta(days=1)


DONE_WORDS = {
    "rang_her": "Rang her",
    "told_in_person": "Told her in person",
    "answered_by_text": "Answered by text",
    "changed_booking": "Changed the booking",
    "recorded_safe_contact": "Recorded safe contact",
    "could_not_reach": "Tried and could not reach her",
    "made_setup_code": "Made a new set-up code",
    "chose_keyworker": "Chose a keyworker",
    "checked_in_person": "Checked it is her: in person",
    "checked_code_word": "Checked it is her: code word",
    "checked_by_voice": "Checked it is her: by voice",
    "no_risk": "Read it: nothing in it tells of a risk",
    "placed": "Found out whose text it is",
    "wrong_number": "Wrong number",
    "chose_cover": "Chose who covers",
    "looked_after_her": "Looked after her",
    "offered_next": "Offered what comes next",
    "dealt_with": "Dealt with it",
    "not_needed": "Not needed any more",
}
"""What can have been done about a task; a task closes only with one of these (R25)."""

CHECKED = ("checked_in_person", "checked_code_word", "checked_by_voice")
"""How it was checked that a text is hers."""
_ONLY_FOR_TEXTS = (*CHECKED, "no_risk", "placed", "wrong_number")
_AT_DESK = ("rang_her", "told_in_person", "could_not_reach", "made_setup_code", "not_needed")


def done_words(kind: str, *, at_desk: bool = False) -> dict[str, str]:
    """What can have been done about a kind of task; `at_desk`: by reception.

    A text that may tell of a risk closes only with the check that it is her, or when it was read and tells of none.
    """
    if at_desk:
        return {done: DONE_WORDS[done] for done in _AT_DESK}
    if kind == "risk_text":
        return {done: DONE_WORDS[done] for done in (*CHECKED, "no_risk")}
    if kind in ("incoming_text", "who_is_this"):
        return {done: words for done, words in DONE_WORDS.items() if done not in ("no_risk", "placed")}
    return {done: words for done, words in DONE_WORDS.items() if done not in _ONLY_FOR_TEXTS}


KIND_WORDS = {
    "hold_text": "A text to her is held",
    "text_not_delivered": "A text did not reach her: tell her in another way",
    "ring_her": "Ring her",
    "change_appointment": "She wants to change an appointment",
    "recheck_safe_contact": "Ask again how she may be reached",
    "record_safe_contact": "Ask how she may be reached",
    "appointment_not_brought_over": "Her appointment in the old diary could not be booked: find a time",
    "batch_left_out": "She did not get a text to many: tell her another way",
    "incoming_text": "Read her text",
    "risk_text": "Read this text now: she may be in danger",
    "who_is_this": "Somebody asked who this is",
    "opt_out": "She asked for no more texts: ring her",
    "new_setup_code": "Give her a new set-up code",
    "reminder_by_person": "Remind her yourself",
    "contact_put_at_risk": "A contact may have put her at risk: see to it now",
    "contact_made_stricter": "She changed how she may be reached",
    "choose_keyworker": "Choose her new keyworker",
    "choose_cover": "Choose who covers: the colleague who was to do it has left",
    "look_after_her": "Her keyworker is away, and her cover must not know of her: look after her",
    "planned_text": "Somebody who has left planned a text to her: look at it before it goes",
    "walk_in_intake": "Somebody new came in: talk with her, and open a record if she wants",
    "message_taken": "A message was taken for you",
    "ring_about_closing": "Her day is closed: ring her about the new time",
    "follow_up_missed": "She could not come: ask kindly how she is, and offer another time",
    "find_childcare": "Childcare at her appointment is still to solve",
    "booked_elsewhere": "The desk of another centre gave her a time: have a look at it",
    "ring_at_desk": "Ring her",
    "offer_time": "A time is free for her: tell her in a way that is safe",
    "confirm_offer": "She said yes to a time by text: make sure that it is her, and confirm it",
    "offer_lost": "The time she said yes to is gone: ring her",
    "nobody_answered": "Nobody on duty answered a call: see to it now",
    "reach_service_together": "She asks you to call a service with her: talk about it",
    "help_checks_due": "Ring the services of the directory whose check is due",
    "help_hidden_unchecked": "Services were taken off women's pages, because nobody had checked them: ring them",
    "break_glass": "A record was opened beyond reach: say whether that was right",
    "meets_whom_she_must_not": "Her booking is too near that of a woman whom she must not meet: move one",
    "sees_who_must_not_know": "She is booked with somebody who must not know of her: move her",
    "keep_apart": "She must not meet somebody whom her worker may not see: set that on her record",
    "plan_answered": "She answered about her plan: read what she says",
    "review_due": "Her plan is to be looked at again: find a time together",
    "remind_of_to_do": "She wants to be reminded of something she has to do: remind her in a way that is safe",
    "risk_high": "The risk to her was judged high: see to it with her worker",
    "marac_to_refer": "She is to be referred to MARAC",
    "risk_look_again": "Look again, with her, at the risk to her",
    "tell_partner": "She took back what a partner was told: tell them",
    "new_referral": "A new referral: read it, and give her a keyworker",
    "settle_must_not_know": "She named somebody who must not know of her: find out who that is",
    "first_contact": "Make first contact with her",
    "short_of_time": "Time gets short for what was asked of her: look at it with her, and book",
    "confirm_report": "A report says that a condition is not met: say whether that is so",
    "read_language_again": "Words for women have changed since somebody read them: have them read again",
    "appointment_elsewhere": "She goes to another centre now: keep this appointment, or move it with her",
    "before_release": "This appointment is before the day of her release: move it",
    "follow_up_after_closing": "Three months after her record was closed: ask how she is",
    "recheck_safe_contact_at_desk": "She is here: have it asked again how she may be reached",
}
"""What each kind of task asks for, in the words of staff."""


def words_for(kind: str) -> str:
    """What a kind of task asks for, in the words of staff; of a kind without words its own name."""
    return KIND_WORDS.get(kind) or kind.replace("_", " ").capitalize()


RECEPTION_KINDS = ("ring_at_desk", "recheck_safe_contact_at_desk", "new_setup_code", "ring_about_closing")
"""Kinds of task that the desk sees and works (R28)."""
