"""A full plan stays light: bytes on the wire and queries, each counted."""

import pytest
from sqlalchemy import event

from portal.core import clock, database
from portal.core.database import unit_of_work
from portal.plan import agreement, asking
from portal.plan.asking import Asked
from portal.plan.rules import Pathway
from tests.plan import plans
from tests.support import make, sign_in

MOST_BYTES, MOST_QUERIES = 10_000, 6
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


def test_a_full_plan_is_at_most_ten_thousand_bytes_on_the_wire(full):
    page = full.get("/plan")
    assert len(page.find_all("section", class_="card")) >= 10 and len(page.find_all("ul", class_="do")) == 8
    assert len(page.find_all("div", role="img")) == 17
    packed = full.client.get("/plan", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    on_the_wire = len(packed.get_data()) + sum(len(f"{name}: {value}\r\n") for name, value in packed.headers)
    assert on_the_wire <= MOST_BYTES, on_the_wire


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


def test_zz(full):
    from tests.support.first_visit import first_visit, ACCEPT
    for a in ("/plan","/plan?more=1","/plan/print","/plan/order","/plan/topics","/plan/goals", "/plan/answer"):
        print(a, first_visit(full.client, a), len(full.client.get(a, headers=ACCEPT).data), len(full.client.get(a).data))
