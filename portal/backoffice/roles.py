"""The table of roles and permissions in plain words: for the page that all staff read, and for docs/permissions.md."""

from portal.core.access import ROLE_TABLE, Permission, Role

P = Permission

LETS_ONE = {
    P.SEE_OWN_DAY: "See her own day, and take it along as a calendar feed",
    P.SEE_BOARD: "See today's board, the diary and the groups of her centres, and find a woman by her whole name",
    P.MARK_ATTENDANCE: "Say who has come, is late, or did not come; take a message for a worker",
    P.BOOK_FOR_CLIENT: "Book, move and cancel for a woman; close a day; run groups",
    P.FIND_CLIENT_AT_DESK: "Find, at the desk, only the women who are booked there within 7 days",
    P.MAKE_SETUP_CODE: "Make a set-up code, with which a woman chooses a passcode",
    P.READ_CLIENT: "Open the records in her reach; each opening is written down",
    P.MAKE_CLIENT: "Open a new record, correct one, and give one to another keyworker",
    P.RECORD_SAFE_CONTACT: "Record how a woman may be reached, what booking honours, and what her own pages show",
    P.STOP_CONTACT: "Stop all contact at once when one may have put a woman at risk",
    P.WRITE_PLAN: "Write a woman's plan",
    P.READ_RISK: "Read what is known of the risk to a woman: as her keyworker, who covers for her, a manager, or who "
    "leads on safeguarding; by break-glass with a press of its own",
    P.WRITE_RISK: "Record what is known of the risk to such a woman",
    P.WRITE_TEXT: "Write texts and messages to women",
    P.READ_INBOX: "Read what women write",
    P.WORK_TASKS: "See and close the tasks that are hers or her centre's",
    P.KEEP_WAITING_LIST: "Keep the waiting lists, and offer a time that is free",
    P.SET_AWAY: "Say when she is away, and set the hours of one day",
    P.TRANSFER_CLIENTS: "Give a whole caseload to somebody else, and choose who covers",
    P.MERGE_RECORDS: "Join two records of one woman, and part them again",
    P.MANAGE_PEOPLE: "Add staff, change their roles and centres, end their access",
    P.MANAGE_CENTRES: "Change centres, rooms, hours, closures and kinds of appointment",
    P.EDIT_HELP: "Change the directory of help",
    P.READ_REPORTS: "Read the counts for funders, without names",
    P.READ_AUDIT: "Read the log of who did what, by record number",
    P.MANAGE_PRIVACY: "Make a woman's copy of her data, and erase what is over",
    P.TURN_SWITCHES: "Stop all sending, and start it again",
    P.TURN_TEXTS_ON: "Let texts go out to women for the first time",
    P.SEE_LANGUAGES: "See how far the words in each language have been read, and which are offered",
    P.OFFER_LANGUAGES: "Record who read the words in a language, and offer it to women or not",
    P.MOVE_IN: "Follow the steps of moving in",
    P.IMPORT_CLIENTS: "Bring women over from a list, and print their cards",
    P.EDIT_PHRASES: "Change the phrases that tell of a risk in a text",
    P.SEE_ROTA: "See who is on duty",
    P.EDIT_ROTA: "Change who is on duty",
    P.REFER: "Send a woman to us, or take her referral from a call, and see how her own referrals stand",
    P.READ_REFERRALS: "Read the referrals in her reach, accept or decline them, give each woman a keyworker",
    P.SETTLE_MUST_NOT_KNOW: "Say that it is found out who must not know of a woman, so that her centre may see her",
    P.EDIT_DISPOSALS: "Change the list of disposals that a referral can name",
    P.SET_UP_DEVICES: "Make the code with which a browser becomes a desk or a waiting-room screen that has a name",
    P.NAME_DEVICES: "Name desks and waiting-room screens, and end them",
    P.BREAK_GLASS: "Open one record beyond her reach for an hour, with a reason; a manager is told",
    P.OVERSEE_BREAK_GLASS: "See who opened a record beyond reach, and say whether that was right",
    P.RESTRICT_CLIENT: "Say who must not know of a woman, and whom she must not meet",
    P.KEEP_CONDITIONS: "Change what was asked of a woman, with a reason; draft and send the report about it",
    P.CONFIRM_NOT_MET: "Be the second person without whom no report says that a condition is not met",
}
"""What each permission lets one do."""

REACH = {
    Role.KEYWORKER: "Her own caseload, the women of the centres she covers, and the caseload of whoever she stands in "
    "for. One record beyond that only by break-glass.",
    Role.RECEPTIONIST: "The women booked at her centre within 7 days: name, time, room and what to prepare. Never a "
    "record, and never by break-glass.",
    Role.MANAGER: "The women of the centres she manages. One record beyond that only by break-glass.",
    Role.ADMIN: "No woman's record.",
    Role.REFERRER: "The referrals she made herself, and how they stand. Never a record.",
}
"""Whose records each role can come near at all."""

ALWAYS = (
    "Who must not know of a woman never sees her, whatever the role: not in a list, a count, a search, an export or "
    "the log, and not by break-glass."
)


def rows() -> list[tuple[Permission, str, list[bool]]]:
    """Each permission, what it lets one do, and for each role in order whether it has it."""
    return [(one, LETS_ONE[one], [one in ROLE_TABLE[role] for role in Role]) for one in Permission]


def as_markdown() -> str:
    """The table as docs/permissions.md holds it."""
    head = ["Permission", "Lets one", *(role.value for role in Role)]
    lines = [
        "# Roles and permissions",
        "",
        "Made from the one table in `portal/core/access.py`; do not edit by hand: "
        "`python -m tests.support.permissions --write`. The same table stands on `/staff/roles`.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
    ]
    for permission, words, has in rows():
        cells = [f"`{permission.value}`", words, *("yes" if one else "" for one in has)]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "## Whose records", "", "| Role | Reach |", "|---|---|"]
    lines += [f"| {role.value} | {REACH[role]} |" for role in Role]
    return "\n".join([*lines, "", ALWAYS, ""])
