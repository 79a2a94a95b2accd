"""What partners, purposes, fields and states are called: plainly for her, in the field's own terms for staff."""

from flask_babel import lazy_gettext as _l

from portal.partners.rules import PartnerKind, ReferralState, need_item
from portal.plan.pathways import HER_NAMES
from portal.plan.rules import Pathway
from portal.plan.staff_words import STAFF_NAMES

KIND_WORDS = {
    PartnerKind.MENTAL_HEALTH: "Mental health",
    PartnerKind.DRUG_ALCOHOL: "Drugs and alcohol",
    PartnerKind.DEBT: "Debt",
    PartnerKind.HOUSING: "Housing",
    PartnerKind.WORK: "Work",
    PartnerKind.FAMILY: "Family",
    PartnerKind.OTHER: "Other",
}
"""Kinds of partners, for staff."""
HER_KINDS = {
    PartnerKind.MENTAL_HEALTH: HER_NAMES[Pathway.HEALTH],
    PartnerKind.DRUG_ALCOHOL: HER_NAMES[Pathway.DRUGS_ALCOHOL],
    PartnerKind.DEBT: HER_NAMES[Pathway.MONEY],
    PartnerKind.HOUSING: HER_NAMES[Pathway.ACCOMMODATION],
    PartnerKind.WORK: HER_NAMES[Pathway.WORK],
    PartnerKind.FAMILY: HER_NAMES[Pathway.FAMILY],
    PartnerKind.OTHER: _l("Other help"),
}
"""Kinds of partners, for her: as her plan names its parts."""

STATE_WORDS = {
    ReferralState.DRAFTED: "Drafted: she has not said yes",
    ReferralState.AGREED: "Agreed, not sent",
    ReferralState.SENT: "Sent",
    ReferralState.ACCEPTED: "Accepted",
    ReferralState.NOT_TAKEN: "Not taken on",
    ReferralState.FIRST_SEEN: "First seen",
    ReferralState.OUTCOME: "Outcome known",
    ReferralState.WITHDRAWN: "Withdrawn",
}
HER_STATES = {
    ReferralState.AGREED: _l("You said yes. We have not asked them yet."),
    ReferralState.SENT: _l("We have asked them."),
    ReferralState.ACCEPTED: _l("They said they can help."),
    ReferralState.NOT_TAKEN: _l("They cannot help now."),
    ReferralState.FIRST_SEEN: _l("You have met them."),
    ReferralState.OUTCOME: _l("This has ended."),
    ReferralState.WITHDRAWN: _l("You do not want this any more."),
}

NOT_TAKEN_WORDS = {
    "full": "They are full",
    "area": "She lives outside their area",
    "not_theirs": "Not what they do",
    "no_answer": "They did not answer",
    "other": "Another reason",
}
OUTCOME_WORDS = {
    "helped": "It helped",
    "partly": "It helped in part",
    "still_waiting": "She still waits with them",
    "not_right": "It was not right for her",
    "did_not_go": "She did not want to go",
    "not_known": "We do not know",
}
WITHDRAWN_WORDS = {
    "she_said": "She said so",
    "not_needed": "It is not needed any more",
    "must_not_know": "They must not know of her",
    "mistake": "It was written down by mistake",
}
HOW_WORDS = {"in_person": "In person", "phone": "On the phone", "online": "On a video call"}
"""How she was asked."""

ASKED_WORDS = {
    "ask_them": "May we ask them to help you?",
    "hear_back": "May they tell us whether they can help, and when they saw you?",
    "work_together": "May they and we talk about how it goes for you?",
    "name": "The name to call you by",
    "reach": "How to reach you safely: the number, and on which terms",
    "language": "Your language, and whether you need an interpreter",
    "access": "What you need to take part: step-free, a quiet room, childcare",
    "what_for": "What you would like from them (as written above)",
    **{need_item(pathway): f"Need: {words.lower()}" for pathway, words in STAFF_NAMES.items()},
}
"""What staff ask her, one by one."""
SHEET_WORDS = {
    "ask_them": "You are asked whether you can help.",
    "hear_back": "You may tell us whether you can help, and when you first saw her.",
    "work_together": "You and we may talk about how it goes.",
    "name": "Call her",
    "reach": "How to reach her",
    "language": "Language",
    "access": "What she needs to take part",
    "what_for": "What she would like from you",
    **{need_item(pathway): words for pathway, words in STAFF_NAMES.items()},
}
"""The same on paper for the partner."""
HER_ITEMS = {
    "ask_them": _l("That we ask them to help you"),
    "hear_back": _l("That they tell us if they can help"),
    "work_together": _l("That they and we talk about how it goes"),
    "name": _l("The name to call you by"),
    "reach": _l("How to reach you"),
    "language": _l("Your language"),
    "access": _l("What you need to take part"),
    "what_for": _l("What you would like from them"),
    **{need_item(pathway): words for pathway, words in HER_NAMES.items()},
}
"""The same for her."""

NEED_WORDS = {"none": "no need", "some": "some need", "high": "high need"}
"""Answers about a need that a partner may be told; that she was not asked, or would rather not say, is nobody's."""
