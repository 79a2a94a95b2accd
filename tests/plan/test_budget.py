"""A full plan stays light: bytes on the wire and queries, each counted."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import event

from portal.core import clock, database
from portal.core.database import unit_of_work
from portal.plan import agreement, asking
from portal.plan.asking import Asked
from portal.plan.pathways import HER_NAMES
from portal.plan.rules import Pathway
from tests.plan import plans
from tests.support import make, sign_in
from tests.support.first_visit import MOST_BYTES, first_visit
from tests.support.pages import words

MOST_QUERIES = 6
FOR_ANOTHER_LANGUAGE = 500
"""What Bengali takes more than English on this page, with a little to spare."""
GOALS = (
    ("accommodation", "I want my own front door and a key that only I have.", "Find a flat near her mother in Camden."),
    ("work", "I want to finish my course in cooking.", "Back to college in January, two days a week."),
    ("health", "I want to sleep through the night again.", "See the doctor about sleep; try the walking group."),
    ("drugs_alcohol", "I want mornings without a headache.", "Cut down with the help of the evening group."),
    ("money", "Stop the letters. I want to open my post.", "A plan with each company; one budget a month."),
    ("family", "I want to see my children every second Saturday.", "Ask the school for a meeting in the spring."),
    ("abuse", "I want quiet evenings and nobody at the window.", "Talk with the advocate about the locks."),
    ("thinking", "I want to count to ten before I answer.", "The six sessions of the group on Wednesdays."),
)
DOING = (
    ("Find your number and write it on the first page of the form", "her"),
    ("Ring the office about the appointment and write down what they say", "worker"),
    ("Bring the papers in the blue folder, all that you can find", "her"),
)


@pytest.fixture
def full(page_client, travel):
    """Her browser at a full plan: nine topics with words and two ratings, 8 goals, 24 actions, her own words."""
    client = make.client(shows_worker_name=True, sensitive_goals_online=True)
    worker, made = plans.keyworker(client), []
    for pathway, her_words, worker_words in GOALS:
        goal = plans.goal(client, pathway, her_words, worker_words=worker_words)
        for place, (what, doer) in enumerate(DOING):
            plans.action(client, goal, f"{what} ({her_words[7:20].strip()})", doer, days=place * 4 + 1)
        made.append(goal)
    with unit_of_work():
        version = agreement.share(worker, client.id, now=clock.now())
    for goal in made:
        plans.words(client, f"I thought about it on the bus: {goal.her_words.lower()}", goal)
    with unit_of_work():
        for moment, score in (("start", 2), ("review", 4)):
            lines = [
                Asked(str(pathway), place, "some", f"I can do this when I am rested: {place}.", (score + place) % 5 + 1,
                      "high", "As it was.", asking.seen_now(client.id)[pathway])
                for place, pathway in enumerate(Pathway, 1)
            ]  # fmt: skip
            asking.record(worker, client.id, lines, moment=moment, language="en", request_key=moment, now=clock.now())
        agreement.answer(
            plans.herself(client), client.id, version_id=version.id, answer="partly", words="The bus is too early.",
            language="en", now=clock.now(),
        )  # fmt: skip
    sign_in.as_client(page_client, client)
    page_client.get("/plan?more=1", follow=True)
    sign_in.step_up(page_client)
    return page_client


def test_a_full_plan_comes_in_parts_and_each_fits_a_first_visit(full):
    page, seen, parts = full.get("/plan"), [], 0
    while page:
        parts += 1
        assert first_visit(full.client, page.address) <= MOST_BYTES - FOR_ANOTHER_LANGUAGE
        seen += [words(heading) for heading in page.find_all("h2") if words(heading) in set(HER_NAMES.values())]
        more = page.links().get("More of my plan")
        page = full.get(more) if more else None
    assert parts == 2 and len(seen) == len(set(seen)) == 9


def test_after_a_step_of_the_second_part_she_is_back_there(full):
    page = full.get("/plan?part=2")
    tick = next(form.get("action") for form in page.forms() if "/plan/actions/" in form.get("action", ""))
    after = full.submit(tick)
    assert after.links()["Back to my plan"] == "/plan" and f'action="{tick}"' in after.html
    assert urlsplit(after.address).fragment in after.html


@pytest.mark.parametrize("asked", ["part=0", "part=3", "part=x", "part=-1", "goal=999999", "goal=x", "part=1"])
def test_a_part_that_is_not_there_is_the_first(full, asked):
    assert full.get(f"/plan?{asked}").text == full.get("/plan").text


def test_a_full_plan_takes_at_most_six_queries(full):
    queries: list[str] = []

    def note(_connection, _cursor, statement, *_):
        queries.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        page = full.get("/plan")
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)
    assert "Now:" in page.text
    assert 3 < len(queries) <= MOST_QUERIES, "\n".join(query[:120] for query in queries)
