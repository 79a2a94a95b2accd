"""Pure rules of outcomes: which reasons are open (R46), what must be answered, what counts as having reminded her."""

REASONS = ("hers_acceptable", "hers_not", "service", "safety")
OFFERS = ("another_time", "a_call", "other_help", "not_yet")

REMINDED_HER = ("rang_her", "told_in_person", "answered_by_text")
"""What a closed task says when a person did remind her; trying in vain is no reminder."""

SETTLES_FOLLOW_UP = ("another_time", "other_help")
"""Offers after which nobody need ask her again how she is."""


def reasons_open(attendance: str, reminded: bool) -> tuple[str, ...]:
    """The reason classes that a session which did not happen may carry.

    R46: where she did not come and no reminder reached her, it is the service's reason and nobody else's.
    """
    return ("service",) if attendance == "no" and not reminded else REASONS


def outcome_fault(
    attendance: str, happened: bool | None, reason_class: str, offered: str, reminded: bool
) -> tuple[str, str] | None:
    """What is wrong with an outcome, as (field, reason); None when it can stand."""
    if attendance not in ("yes", "late", "no"):
        return "attendance", "missing"
    if happened is None:
        return "happened", "missing"
    if happened:
        return ("happened", "she_did_not_come") if attendance == "no" else None
    if reason_class not in REASONS:
        return "reason_class", "missing"
    if reason_class not in reasons_open(attendance, reminded):
        return "reason_class", "not_reminded"
    return ("offered", "missing") if offered not in OFFERS else None
