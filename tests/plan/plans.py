"""Plans for tests, made through the service by the woman's own keyworker."""

import itertools
from datetime import date, timedelta

from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.plan import agreement, service
from portal.plan.models import Action, Goal, OwnWords
from portal.staff.models import Staff

_keys = itertools.count(1)


def key() -> str:
    """A request key that no form has used."""
    return f"test-{next(_keys)}"


def keyworker(client: Client) -> Actor:
    """Her keyworker as one who acts."""
    return session.get_one(Staff, client.keyworker_id).actor


def herself(client: Client) -> Actor:
    """The woman as one who acts."""
    return Actor("client", client.id)


def today() -> date:
    """Today in London."""
    return clock.london_today(clock.now())


def goal(
    client: Client, pathway: str = "accommodation", her_words: str = "I want my own front door.", **values
) -> Goal:
    """A goal of hers."""
    with unit_of_work():
        return service.add_goal(
            keyworker(client), client.id, pathway=pathway, her_words=her_words,
            worker_words=values.pop("worker_words", ""), request_key=key(), now=clock.now(),
        )  # fmt: skip


def action(
    client: Client, under: Goal, what: str = "Fill in the form", doer: str = "her", days: int | None = 3
) -> Action:
    """Something to do, due in so many days or, with None, on no day."""
    due_on = None if days is None else today() + timedelta(days=days)
    with unit_of_work():
        return service.add_action(
            keyworker(client), under.id, what=what, doer=doer, due_on=due_on, request_key=key(), now=clock.now()
        )


def state(client: Client, name: str = "agreed") -> None:
    """Put her plan into a state."""
    agreed_on = today() if name == "agreed" else None
    with unit_of_work():
        agreement.set_state(
            keyworker(client), client.id, state=name, agreed_on=agreed_on, review_on=None, now=clock.now()
        )


def words(client: Client, text: str, under: Goal | None = None) -> OwnWords:
    """Words that she wrote herself."""
    with unit_of_work():
        return service.write_own_words(
            herself(client), goal_id=under.id if under else None, words=text, language=client.language,
            request_key=key(), now=clock.now(),
        )  # fmt: skip
