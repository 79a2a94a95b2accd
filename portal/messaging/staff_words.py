"""What staff read about a text: its state and its reason in plain English; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time

from babel.dates import get_day_names

from portal.clients.rules import PAUSED_UNTIL_TOLD, ContactFacts, Hold
from portal.core import clock, days
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import Text, TextState
from portal.messaging.rules import CODE, Reason, Verdict

WHY: dict[str, str] = {
    Hold.NO_RECORD: "nobody has asked her yet how to reach her safely",
    Hold.STOPPED: "a contact may have put her at risk: ask her anew, in person, how she may be reached",
    Hold.NOT_ALLOWED: "she does not want texts",
    Hold.NO_NUMBER: "there is no number for her",
    Hold.NOT_PROVED: "her number is not proved yet: send a test text with her beside you",
    Hold.NO_SIGN: "for 60 days there was no sign that the number is still hers: ask her",
    Hold.CHECK_OVERDUE: "her safe contact must be checked again",
    Hold.OPTED_OUT: "her number asked for no more texts",
    Hold.PAUSED: "her texts are paused",
    Hold.NO_SAFE_HOURS: "she gave no hours at which texts are safe",
    Hold.OUTSIDE_HOURS: "her safe hours",
    Hold.UNREAD_ANSWER: "a text from her number must be read first",
    Hold.CLOSED_RECORD: "her record is closed",
    Hold.NO_CALLS: "she does not want calls",
    Hold.NOT_BEFORE: "nothing may reach her before the day that her record names",
    Reason.NOT_WANTED: "it is no longer needed",
    Reason.TOO_LATE: "it would have come too late",
    Reason.FROZEN: "someone at her number asked who we are: prove the number again",
    Reason.CAPPED: "her number had enough texts for now",
    Reason.BANNED_WORD: "it holds a word that no text may carry",
    Reason.TOO_LONG: "it is too long",
    Reason.NO_WORDING: "it has no wording",
    Reason.UNKNOWN_KIND: "it has no wording",
    Reason.REFUSED: "the network refused it",
    Reason.GATEWAY_BUSY: "the network is busy",
    Reason.OUT_OF_REACH: "her phone is off or out of reach",
    Reason.NOT_TAKEN: "the network could not deliver it",
    Reason.TAKEN_BACK: "it was taken back",
    Reason.TEXTS_OFF: "texts to women are off until a manager turns them on",
    Reason.RESTORED: "a backup was put back, and it may have been sent before: ask her",
    "check_first": "a text from her number may tell of a risk: check first that it is her",
    "names_worker": "it names her worker, which she did not choose",
    "cover": "her texts pretend to be about something else: write to her alone",
}

STATES = {
    TextState.REACHED: "reached the phone",
    TextState.HANDED_OVER: "handed to the network",
    TextState.SENDING: "sending",
    TextState.UNKNOWN: "being looked up",
    TextState.WAITING: "waiting",
    TextState.HELD: "held",
    TextState.NOT_DELIVERED: "not delivered",
    TextState.SKIPPED: "not sent",
    TextState.STOPPED: "stopped",
}

KINDS = {
    "appointment_booked": "Text that her appointment is booked",
    "appointment_changed": "Text that her appointment is changed",
    "appointment_cancelled": "Text that her appointment is cancelled",
    "appointments_cancelled": "Text that her group's times are cancelled",
    "appointment_reminder": "Reminder of her appointment",
    "appointment_reminder_week": "Reminder of her appointment, 7 days before",
    "appointment_reminder_morning": "Reminder of her appointment, on the same morning",
    "change_asked": "Thanks for asking for another time",
    "call_asked": "Thanks for asking for a call",
    "offer": "Text that a time is free",
    "offer_kept": "Thanks for a yes to a free time",
    "offer_gone": "Text that a free time is gone",
    "test": "Test text",
    "auto_reply": "Automatic reply",
    CODE: "Code for signing in",
    "written": "Text",
}

MEANINGS = {
    "coming": "She is coming",
    "change": "She asks for another time",
    "call": "She asks for a call",
    "risk": "May be at risk: check that it is her",
    "opt_out": "Asks for no more texts",
    "who_is_this": "Asks who we are",
    "offer_yes": "Says yes to a free time",
    "offer_no": "Says no to a free time",
    "late": "Says that she will be late",
    "cannot_come": "Says that she cannot come",
    "duty": "From a duty phone",
    "wrong_number": "Wrong number",
}

WORDINGS = {"plain": "Plain wording", "short": "Short wording", "cover": "Cover wording"}


def why(reason: str) -> str:
    """Why a text does not go, in the middle of a sentence."""
    return WHY.get(reason) or reason.replace("_", " ")


def receipt(text: Text, now: datetime) -> str:
    """Where a text is, for staff; never "read"."""
    return {
        TextState.HELD: f"Held: {why(text.reason)}. Tell her in another way.",
        TextState.WAITING: _waiting(text, now),
        TextState.SENDING: "Sending",
        TextState.HANDED_OVER: f"Handed to the network {day_and_time(text.sent_at, now)}",
        TextState.REACHED: f"Reached the phone {day_and_time(text.settled_at or text.sent_at, now)}",
        TextState.NOT_DELIVERED: "Not delivered. Ring her if she may be rung, or tell her at the centre.",
        TextState.UNKNOWN: "Not known if it went. We are looking it up; it is not sent twice.",
        TextState.SKIPPED: f"Not sent: {why(text.reason)}.",
        TextState.STOPPED: f"Stopped: {why(text.reason)}.",
    }[TextState(text.state)]


def unsaid(text: Text) -> str:
    """Why a text of ours stands without its words."""
    if text.kind == CODE:
        return "for her alone"
    return "its words are not kept any more" if text.sent_at else "worded when it is sent"


def may_be_texted(facts: ContactFacts | None, now: datetime) -> str:
    """When she may be texted, in short: Mon to Fri 09:30 to 14:30; Sat 10:00 to 12:00."""
    if facts is None:
        return "Nobody has asked her about safe contact"
    if facts.stopped:
        return "Texts are stopped: a contact may have put her at risk"
    if not facts.may_text:
        return "No texts to her"
    if facts.pause_until is not None and now < facts.pause_until:
        is_open_ended = facts.pause_until - now > PAUSED_UNTIL_TOLD
        return f"Texts paused until {'she says so' if is_open_ended else day_and_time(facts.pause_until, now)}"
    return f"May be texted {safe_hours(facts.safe_hours)}" if facts.safe_hours else "No safe hours for texts"


def safe_hours(hours: Iterable[tuple[int, time, time]]) -> str:
    """Safe hours, the days that have the same together: Mon to Fri 09:30 to 14:30; Sat 10:00 to 12:00."""
    grouped = days.by_hours(hours).items()
    return "; ".join(f"{_days(named)} {opens:%H:%M} to {closes:%H:%M}" for (opens, closes), named in grouped)


def outlook(verdict: Verdict, now: datetime) -> str:
    """What would become of a text written now."""
    if verdict.state is TextState.SENDING:
        return "A text would leave at once."
    if verdict.state is TextState.WAITING and verdict.at is not None:
        return f"A text would wait until {day_and_time(verdict.at, now)}: {why(verdict.reason)}."
    return f"No text would go: {why(verdict.reason)}."


def leaves(verdict: Verdict, now: datetime) -> str:
    """When a text leaves that may."""
    return day_and_time(verdict.at, now) if verdict.state is TextState.WAITING and verdict.at is not None else "now"


def mark(row: ThreadMark, names: Mapping[int, str]) -> str:
    """What happened to a thread, by whom."""
    made_by = names.get(row.made_by, "somebody")
    if row.kind == "transfer":
        taker = names.get(row.to_id or 0, "nobody")
        giver = names.get(row.from_id or 0, "nobody")
        return f"She went from {giver} to {taker}; {made_by} did it"
    if row.kind == "merge":
        return f"Another record of hers was joined to this one by {made_by}"
    if row.kind == "split":
        return f"Two records that had been joined were parted again by {made_by}"
    return f"{row.kind.replace('_', ' ').capitalize()}, {made_by}"


def _days(on: list[int]) -> str:
    names = get_day_names("abbreviated", locale="en")
    if len(on) > 2 and on == list(range(on[0], on[-1] + 1)):
        return f"{names[on[0]]} to {names[on[-1]]}"
    return ", ".join(names[day] for day in on)


def _waiting(text: Text, now: datetime) -> str:
    if text.reason in (Reason.OUT_OF_REACH, Reason.NOT_TAKEN):
        again = day_and_time(text.send_at, now) if text.send_at > now else "now"
        return f"{why(text.reason).capitalize()}. Trying again {again}"
    because = f": {why(text.reason)}" if text.reason else ""
    if text.send_at <= now:
        return f"Waiting to be sent{because}"
    planned = "Waiting until" if text.reason or text.written_by is None else "Planned for"
    return f"{planned} {day_and_time(text.send_at, now)}{because}"


def day_and_time(instant: datetime | None, now: datetime) -> str:
    """An instant as staff read it: 14:30 on the day itself, else with its day; empty for none."""
    if instant is None:
        return ""
    local = clock.london(instant)
    return f"{local:%H:%M}" if local.date() == clock.london_today(now) else f"{local.day} {local:%B %H:%M}"
