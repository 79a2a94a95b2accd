"""Who may answer about a plan, and the row at which two who answer at once wait for each other."""

from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core.access import Actor, Permission, require
from portal.core.errors import Invalid
from portal.plan import queries, rules
from portal.plan.answer_queries import has_agreed, newest_version
from portal.plan.answer_rules import Moment, moment_now
from portal.plan.making import hold_client


def answering_client(actor: Actor, client_id: int) -> Client:
    """She whose plan it is, held until the end: herself, or for staff who may write it.

    Raises NotFound for another woman's and for one beyond reach, NotAllowed for staff who may not.
    """
    if actor.is_client:
        client_id = actor.id if client_id == actor.id else 0
    else:
        require(actor, Permission.WRITE_PLAN)
    client = visible_client(actor, client_id)
    hold_client(client.id)
    return client


def moment_of(client_id: int) -> Moment:
    """The moment to which what is said about her now belongs."""
    plan = queries.plan_of(client_id)
    return moment_now(plan.state if plan else None, has_agreed(plan, newest_version(client_id)))


def kept_text(field: str, text: str, longest: int = rules.LONGEST_WORDS) -> str | None:
    """A text that may be left out, as it is kept; raises Invalid(field, "too_long")."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > longest:
        raise Invalid(field, "too_long")
    return text or None
