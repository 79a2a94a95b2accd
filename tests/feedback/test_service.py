"""What is kept leads to nobody: no woman, no worker, no device, no day, no order, and nothing else is written."""

import sqlite3
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from portal.core import clock
from portal.core.database import engine, session, unit_of_work
from portal.core.errors import Invalid
from portal.feedback import queries, service
from portal.feedback.models import Feedback
from portal.feedback.rules import Quarter
from portal.privacy import service as privacy
from tests.support import make, together

KEY = "made-up key"


def keep(centre, *, ticket: str | None = None, words: str = "", **answers: str) -> None:
    with unit_of_work():
        service.keep(
            KEY, ticket or service.ticket(KEY, centre.id), answers=answers or {"helped": "yes"}, words=words,
            now=clock.now(),
        )  # fmt: skip


def test_a_row_holds_no_more_than_what_was_said_and_the_centre_and_month():
    assert {column.name for column in Feedback.__table__.columns} == {
        "id", "seal_id", "centre_id", "month", "listened", "helped", "welcome", "easy", "words",
    }  # fmt: skip


def test_pressed_twice_it_is_kept_once_and_two_forms_are_two(app, travel):  # R38
    centre = make.centre()
    ticket = service.ticket(KEY, centre.id)
    for _ in range(3):
        keep(centre, ticket=ticket, words="lanternwick")
    keep(centre, words="lanternwick")
    assert session.query(Feedback).count() == 2


def test_sent_at_once_from_many_threads_it_is_kept_once(either_database, app, travel):
    centre = make.centre()
    ticket = service.ticket(KEY, centre.id)
    together.at_once(lambda: keep(centre, ticket=ticket), 6)
    session.remove()
    assert session.query(Feedback).count() == 1


def test_rows_lie_in_no_order(either_database, app, travel):
    """Neither by their ids nor as the database gives them by itself can it be told who answered first."""
    centre = make.centre()
    for number in range(40):
        keep(centre, words=f"{number:02}")
    session.remove()
    order = [int(row.words) for row in session.query(Feedback).order_by(Feedback.id)]
    assert order != sorted(order) and order != sorted(order, reverse=True)
    pairs = sum(one < two for one, two in pairwise(order))
    assert 8 < pairs < 31, "as often up as down"
    if "sqlite" in either_database:
        with engine().connect() as connection:
            stored = connection.scalars(text("SELECT rowid FROM feedback NOT INDEXED")).all()
            assert stored == sorted(row.id for row in session.query(Feedback)), "the random number is the row's place"


def test_words_are_sealed(app, travel):  # R32
    keep(make.centre(), words="lanternwick")
    row = session.query(Feedback).one()
    assert row.words == "lanternwick" and b"lanternwick" not in row._words


def test_a_form_that_is_not_ours_or_too_old_is_refused(app, travel, monkeypatch):
    centre = make.centre()
    old = service.ticket(KEY, centre.id)
    forged = service.ticket("another key", centre.id)
    for ticket in ("x", forged, old[:-2], old + "x"):
        with pytest.raises(Invalid, match="ticket: over"):
            keep(centre, ticket=ticket)
    monkeypatch.setattr(service, "_TICKET_LASTS", -1)
    with pytest.raises(Invalid, match="ticket: over"):
        keep(centre, ticket=old)
    assert session.query(Feedback).count() == 0


def test_nothing_said_is_nothing_kept(app, travel):
    centre = make.centre()
    with pytest.raises(Invalid, match="listened: missing"), unit_of_work():
        service.keep(KEY, service.ticket(KEY, centre.id), answers={"helped": ""}, words=" ", now=clock.now())
    with pytest.raises(Invalid, match="too_long"):
        keep(centre, words="x" * 1001)


class TestShown:
    QUARTER = Quarter(2026, 4)

    def shown(self, *centres):
        session.remove()
        return {one.centre_id: one for one in queries.of_quarter([each.id for each in centres], self.QUARTER)}

    def test_four_are_shown_to_nobody_and_five_are(self, app, travel):
        few, many = make.centre(), make.centre()
        for number in range(4):
            keep(few, words=f"few{number}")
        for number in range(5):
            keep(many, words=f"many{number}", listened="no")
        found = self.shown(few, many)
        assert (found[few.id].counted, found[few.id].words) == (None, [])
        assert found[many.id].counted.by_question["listened"] == {"yes": 0, "partly": 0, "no": 5}
        assert set(found[many.id].words) == {f"many{number}" for number in range(5)}

    def test_words_come_in_another_order_each_time(self, app, travel):
        centre = make.centre()
        for number in range(9):
            keep(centre, words=str(number))
        orders = Counter(tuple(self.shown(centre)[centre.id].words) for _ in range(12))
        assert len(orders) > 6

    def test_other_quarters_and_centres_are_apart(self, app, travel):
        centre = make.centre()
        for _ in range(4):
            keep(centre)
        travel.forward(days=31)
        keep(centre)
        assert self.shown(centre)[centre.id].counted is None


def test_words_go_after_two_years_and_the_counts_stay(app, travel):  # R33
    centre = make.centre()
    keep(centre, words="lanternwick")
    for days, gone in ((720, 0), (770, 1), (771, 0)):
        with unit_of_work():
            counted = privacy.purge(travel.now + timedelta(days=days), dry_run=False)["feedback"]
        assert counted == gone
    session.remove()
    row = session.query(Feedback).one()
    assert (row.words, row.helped) == (None, "yes")


def rows_of(path: str) -> Counter:
    """Every row of every table, as text."""
    with sqlite3.connect(path) as connection:
        return Counter(connection.iterdump())


def test_in_the_whole_database_nothing_but_the_row_itself_is_written(app, environ, travel):
    centre = make.centre()
    path = environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///")
    before = rows_of(path)
    keep(centre, words="lanternwick")
    new = rows_of(path) - before
    assert len(new) == 1 and next(iter(new)).startswith('INSERT INTO "feedback"')
    assert not before - rows_of(path)
