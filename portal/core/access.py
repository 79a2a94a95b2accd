"""Who may do what: actors, roles, permissions, and the one table that joins them."""

from enum import StrEnum
from typing import NamedTuple

from portal.core.errors import NotAllowed


class Role(StrEnum):
    """The roles of staff."""

    KEYWORKER = "keyworker"
    RECEPTIONIST = "receptionist"
    MANAGER = "manager"
    ADMIN = "admin"
    REFERRER = "referrer"


class Permission(StrEnum):
    """Something a member of staff may do; whose record it is about is checked beside it."""

    SEE_OWN_DAY = "see_own_day"
    SEE_BOARD = "see_board"
    MARK_ATTENDANCE = "mark_attendance"
    BOOK_FOR_CLIENT = "book_for_client"
    FIND_CLIENT_AT_DESK = "find_client_at_desk"
    MAKE_SETUP_CODE = "make_setup_code"
    READ_CLIENT = "read_client"
    MAKE_CLIENT = "make_client"
    RECORD_SAFE_CONTACT = "record_safe_contact"
    STOP_CONTACT = "stop_contact"
    WRITE_PLAN = "write_plan"
    READ_RISK = "read_risk"
    WRITE_RISK = "write_risk"
    WRITE_TEXT = "write_text"
    READ_INBOX = "read_inbox"
    WORK_TASKS = "work_tasks"
    KEEP_WAITING_LIST = "keep_waiting_list"
    SET_AWAY = "set_away"
    TRANSFER_CLIENTS = "transfer_clients"
    MERGE_RECORDS = "merge_records"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_CENTRES = "manage_centres"
    EDIT_HELP = "edit_help"
    READ_REPORTS = "read_reports"
    READ_AUDIT = "read_audit"
    MANAGE_PRIVACY = "manage_privacy"
    TURN_SWITCHES = "turn_switches"
    TURN_TEXTS_ON = "turn_texts_on"
    SEE_LANGUAGES = "see_languages"
    OFFER_LANGUAGES = "offer_languages"
    MOVE_IN = "move_in"
    IMPORT_CLIENTS = "import_clients"
    EDIT_PHRASES = "edit_phrases"
    SEE_ROTA = "see_rota"
    EDIT_ROTA = "edit_rota"
    REFER = "refer"
    READ_REFERRALS = "read_referrals"
    SETTLE_MUST_NOT_KNOW = "settle_must_not_know"
    EDIT_DISPOSALS = "edit_disposals"
    SET_UP_DEVICES = "set_up_devices"
    NAME_DEVICES = "name_devices"
    BREAK_GLASS = "break_glass"
    OVERSEE_BREAK_GLASS = "oversee_break_glass"
    RESTRICT_CLIENT = "restrict_client"
    KEEP_CONDITIONS = "keep_conditions"
    CONFIRM_NOT_MET = "confirm_not_met"


P = Permission

ROLE_TABLE: dict[Role, frozenset[Permission]] = {
    Role.KEYWORKER: frozenset(
        {
            P.SEE_OWN_DAY, P.SEE_BOARD, P.MARK_ATTENDANCE, P.BOOK_FOR_CLIENT, P.MAKE_SETUP_CODE, P.READ_CLIENT,
            P.MAKE_CLIENT, P.RECORD_SAFE_CONTACT, P.WRITE_PLAN, P.WRITE_TEXT, P.READ_INBOX, P.WORK_TASKS, P.EDIT_HELP,
            P.STOP_CONTACT, P.SEE_ROTA, P.SET_AWAY, P.KEEP_WAITING_LIST, P.SET_UP_DEVICES,
            P.BREAK_GLASS, P.RESTRICT_CLIENT, P.READ_RISK, P.WRITE_RISK, P.REFER, P.READ_REFERRALS,
            P.KEEP_CONDITIONS,
        }
    ),
    Role.RECEPTIONIST: frozenset(
        {
            P.SEE_BOARD, P.MARK_ATTENDANCE, P.BOOK_FOR_CLIENT, P.FIND_CLIENT_AT_DESK, P.MAKE_SETUP_CODE, P.WORK_TASKS,
            P.STOP_CONTACT, P.SEE_ROTA, P.SET_AWAY, P.SET_UP_DEVICES,
        }
    ),
    Role.MANAGER: frozenset(
        {
            P.SEE_OWN_DAY, P.SEE_BOARD, P.MARK_ATTENDANCE, P.BOOK_FOR_CLIENT, P.MAKE_SETUP_CODE, P.READ_CLIENT,
            P.MAKE_CLIENT, P.RECORD_SAFE_CONTACT, P.WRITE_PLAN, P.WRITE_TEXT, P.READ_INBOX, P.WORK_TASKS,
            P.MANAGE_CENTRES, P.EDIT_HELP, P.READ_REPORTS, P.READ_AUDIT, P.MANAGE_PRIVACY, P.TURN_SWITCHES,
            P.STOP_CONTACT, P.EDIT_PHRASES, P.SEE_ROTA, P.EDIT_ROTA, P.SET_AWAY, P.TRANSFER_CLIENTS, P.MERGE_RECORDS,
            P.KEEP_WAITING_LIST,
            P.MOVE_IN, P.IMPORT_CLIENTS, P.TURN_TEXTS_ON, P.SET_UP_DEVICES,
            P.BREAK_GLASS, P.OVERSEE_BREAK_GLASS, P.RESTRICT_CLIENT, P.READ_RISK, P.WRITE_RISK, P.REFER,
            P.READ_REFERRALS, P.EDIT_DISPOSALS, P.KEEP_CONDITIONS, P.CONFIRM_NOT_MET, P.SETTLE_MUST_NOT_KNOW,
            P.SEE_LANGUAGES, P.OFFER_LANGUAGES,
        }
    ),
    Role.ADMIN: frozenset(
        {
            P.MANAGE_PEOPLE, P.MANAGE_CENTRES, P.EDIT_HELP, P.READ_AUDIT, P.TURN_SWITCHES, P.EDIT_PHRASES, P.SEE_ROTA,
            P.EDIT_ROTA, P.SET_AWAY, P.TRANSFER_CLIENTS, P.MOVE_IN,
            P.SET_UP_DEVICES, P.NAME_DEVICES, P.WORK_TASKS, P.EDIT_DISPOSALS, P.SEE_LANGUAGES,
        }
    ),
    Role.REFERRER: frozenset({P.REFER}),
}  # fmt: skip


class Actor(NamedTuple):
    """Who acts: a woman (`client`), a member of staff, or the portal's own worker (`system`).

    `centres` are the centres a member of staff covers.
    """

    kind: str
    id: int
    role: Role | None = None
    centres: frozenset[int] = frozenset()

    @property
    def is_client(self) -> bool:
        """Whether this is a woman signed in to her own pages."""
        return self.kind == "client"

    @property
    def is_staff(self) -> bool:
        """Whether this is a member of staff."""
        return self.kind == "staff"


SYSTEM = Actor(kind="system", id=0)
"""The worker, acting by itself."""


def can(actor: Actor, permission: Permission) -> bool:
    """Whether the role table grants a permission; the system may do everything, a woman nothing of staff's."""
    if actor.kind == "system":
        return True
    return actor.role is not None and permission in ROLE_TABLE[actor.role]


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless `can`."""
    if not can(actor, permission):
        raise NotAllowed(permission.value)
