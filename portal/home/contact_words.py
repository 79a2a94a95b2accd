"""What stands on her page about how she is reached: each act's button and what it did, each kind of text."""

from flask_babel import lazy_gettext as _l

PAUSE_BUTTONS = {
    "pause_day": _l("No texts for 1 day"),
    "pause_week": _l("No texts for 1 week"),
    "pause_told": _l("No texts until I tell a worker"),
}

BUTTONS = {
    "no_replies": _l("Do not ask me to reply"),
    "no_auto_reply": _l("No automatic answers"),
    "no_name": _l("No worker's name in texts"),
    "short_wording": _l("Say less in texts"),
    "no_week_reminder": _l("No text 7 days before"),
    "no_morning_reminder": _l("No text on the same morning"),
    "no_code": _l("No codes by text"),
    "no_texts": _l("Stop all texts"),
    "no_calls": _l("Do not ring me"),
    "no_voicemail": _l("Leave no message"),
    "no_letters": _l("Send no letters"),
    "no_email": _l("Send no e-mail"),
}

DONE = {
    "pause_day": _l("Saved. We send no texts for 1 day."),
    "pause_week": _l("Saved. We send no texts for 1 week."),
    "pause_told": _l("Saved. We send no texts until you tell a worker."),
    "hours": _l("Saved. We do not text you at that time."),
    "no_replies": _l("Saved. Our texts do not ask you to reply."),
    "no_auto_reply": _l("Saved. No machine answers your texts."),
    "no_name": _l("Saved. No text says a worker's name."),
    "short_wording": _l("Saved. Our texts say less now."),
    "no_week_reminder": _l("Saved. We send no text 7 days before."),
    "no_morning_reminder": _l("Saved. We send no text on the same morning."),
    "no_code": _l("Saved. We do not text you a code."),
    "no_texts": _l("Saved. We do not text you any more."),
    "no_calls": _l("Saved. We do not ring you."),
    "no_voicemail": _l("Saved. We leave no message."),
    "no_letters": _l("Saved. We send no letters."),
    "no_email": _l("Saved. We send no e-mail."),
}
"""What an act did; anything else left all as it was."""

NOTHING = _l("Nothing changed. It was like this before.")

KINDS_OF_TEXT = {
    "appointment_reminder": _l("A reminder looks like this:"),
    "appointment_booked": _l("When we book a time:"),
    "appointment_changed": _l("When the time changes:"),
    "appointment_cancelled": _l("When a time is cancelled:"),
    "offer": _l("When you wait and a time is free:"),
    "change_asked": _l("When you reply 2:"),
    "call_asked": _l("When you reply 3:"),
    "auto_reply": _l("When you write to us:"),
    "sign_in_code": _l("When you ask for a code:"),
}
