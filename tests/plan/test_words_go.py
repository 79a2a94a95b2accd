"""Half a year after closing the words of answers, versions and reviews go; the codes stay to be counted (R33)."""

from datetime import timedelta

from sqlalchemy import select

from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.plan import agreement, asking, records, reviews
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.asking import Asked
from portal.plan.review_models import Review, WorkerView
from tests.plan import plans
from tests.support import make


def test_the_words_go_and_the_answers_stay(app, travel):  # R33
    client, other = make.client(), make.client()
    for one in (client, other):
        plans.goal(one)
        plans.state(one)
        line = Asked("money", 1, "high", "Lanternwick", 2, "some", "Harrowmere", "0.0")
        with unit_of_work():
            worker, now, version = plans.keyworker(one), clock.now(), session.query(PlanVersion).filter_by(
                client_id=one.id
            ).one()  # fmt: skip
            asking.record(worker, one.id, [line], moment="start", language="en", request_key=f"k{one.id}", now=now)
            agreement.answer(worker, one.id, version_id=version.id, answer="yes", words="Thistledown", language="en",
                             now=now)  # fmt: skip
            reviews.hold(worker, one.id, review_id=reviews.open_review(one.id).id, held_on=plans.today(),
                         held_with="phone", decided="close", her_words="Thistledown", next_on=None,
                         request_key=f"r{one.id}", now=now)  # fmt: skip
    with unit_of_work():
        closed = session.get_one(Client, client.id)
        closed.state, closed.closed_at = "closed", clock.now() - timedelta(days=181)
    with unit_of_work():
        dry = records.purge(clock.now(), dry_run=True)
    with unit_of_work():
        done = records.purge(clock.now(), dry_run=False)
    session.remove()
    assert dry == done
    assert (done["plan_versions"], done["reviews"], done["worker_views"]) == (1, 1, 1)
    for one, left in ((client, False), (other, True)):
        version = session.scalars(select(PlanVersion).where(PlanVersion.client_id == one.id)).one()
        review = session.scalars(select(Review).where(Review.client_id == one.id)).one()
        view = session.scalars(select(WorkerView).where(WorkerView.client_id == one.id)).one()
        answers = session.scalars(select(NeedAnswer).where(NeedAnswer.client_id == one.id)).all()
        words = [version.content, version.answer_words, review.her_words, view.words, answers[-1].strength]
        assert [word is not None for word in words] == [left] * 5
        assert (version.answer, review.decided, view.need, answers[-1].need) == ("yes", "close", "some", "high")
    assert len(session.scalars(select(Rating)).all()) == 2
