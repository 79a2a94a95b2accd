"""The codes of conditions and reports in the words of staff."""

WHAT = {
    "appointments": "sessions at a centre",
    "one_to_one": "sessions with a worker",
    "group": "sessions of a group",
}
CHANGED = {
    "agreed": "Agreed with whoever sent her",
    "health": "Her health",
    "caring": "Children, or somebody she cares for",
    "safety": "Her safety",
    "service": "We could not offer it in time",
    "mistake": "It was written down wrong",
}
EXCUSED = {code: words for code, words in CHANGED.items() if code != "mistake"}
WITHDRAWN = {
    "sender": "Whoever sent her does not ask it any more",
    "mistake": "It was written down by mistake",
    "twice": "It stands here twice",
}
STATUS = {"under_way": "under way", "met": "met", "not_met": "not met"}
REASON = {
    "hers_acceptable": "a reason of hers that we accept",
    "hers_not": "a reason of hers that we do not accept",
    "service": "our own reason: times, reminders, places",
    "safety": "it was not safe for her to come",
}
PACE = {
    "enough": "done",
    "booked": "all booked",
    "on_course": "time enough",
    "soon": "look at it",
    "short": "time gets short",
    "over": "the day is over",
}
PACE_TAG = {"enough": " g", "booked": " g", "on_course": "", "soon": " a", "short": " a", "over": " a"}
SENT_TO = {
    "police": "Police",
    "liaison_diversion": "Liaison and diversion",
    "prison": "Prison",
    "council": "Council",
    "probation": "Probation",
    "other": "Somebody else who sent her",
}
SENT_HOW = {"secure_mail": "By the charity's own secure mail", "by_hand": "By hand", "post": "By post"}
ENDED = {
    "replaced": "corrected by a later one",
    "changed": "what is asked changed since",
    "refused": "refused by the second person",
    "taken_back": "taken back unsent",
}
