"""Who speaks her language, and interpreters: proposed where nobody does, and a woman where only a woman may."""

import pytest

from portal.booking import offers, practical, queries, service
from portal.clients import booking_needs
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, change
from tests.support import make, sign_in


@pytest.fixture
def desk(app, travel):
    desk = at_desk.open_desk(language="ar", preparation={"interpreter": "Arabic"})
    desk.other = make.staff("keyworker", desk.centre, first_name="Ana")
    desk.leila = make.staff("keyworker", desk.centre, first_name="Leila")
    with unit_of_work():
        session.merge(desk.leila).languages = ["en", "ar"]
    return desk


def only_a_woman(desk) -> None:
    with unit_of_work():
        booking_needs.record(
            desk.jo.actor, desk.client.id, needs={"female_interpreter"}, workers=set(), centres=set(), now=clock.now()
        )


def set_interpreter(desk, appointment, interpreter: str, **values):
    with unit_of_work():
        return practical.set_help(
            desk.reception.actor, at_desk.number_of(appointment), childcare_places=0, fare="", companion=False,
            interpreter=interpreter, now=clock.now(), **values,
        )  # fmt: skip


def words(desk, appointment) -> list[str]:
    session.rollback()
    booked = queries.booked(desk.reception.actor, at_desk.number_of(appointment))
    return practical.to_prepare([booked])[booked.appointment.id].words


def test_her_own_keyworker_is_offered_first_then_who_speaks_her_language(either_database, app, travel):
    desk = at_desk.open_desk(language="ar")
    ana, leila = (make.staff("keyworker", desk.centre, first_name=name) for name in ("Ana", "Leila"))
    with unit_of_work():
        session.merge(leila).languages = ["en", "ar"]
    at = offers.place(desk.client, desk.kind.id, desk.centre.id)
    assert [worker.id for worker in at.workers] == [desk.jo.id, leila.id, ana.id]
    assert at.speakers == {leila.id}
    english = offers.place(make.client(desk.jo), desk.kind.id, desk.centre.id)
    assert ([worker.id for worker in english.workers], english.speakers) == ([desk.jo.id, ana.id, leila.id], set())
    book(desk, "10:00", client=make.client(desk.jo), worker_id=desk.jo.id)
    assert book(desk, "10:00").worker_id == leila.id


def test_staff_see_who_speaks_her_language(page_client, desk):
    book(desk, "10:00", client=make.client(desk.jo), worker_id=desk.jo.id)
    sign_in.as_staff(page_client, desk.jo)
    page = page_client.get(
        f"/staff/clients/{desk.client.id}/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&day={THURSDAY}"
    )
    assert "10:00 Leila, speaks Arabic" in page.text
    assert "09:00 Leila" in page.text or "09:00 Jo" in page.text
    assert "Leila, speaks Arabic" in [option.text for option in page.find_all("option")]
    assert "Ana, speaks" not in page.text


@pytest.mark.parametrize(("worker", "interpreter"), [("jo", "needed"), ("leila", "")])
def test_an_interpreter_is_proposed_unless_who_sees_her_speaks_her_language(page_client, desk, worker, interpreter):
    sign_in.as_staff(page_client, desk.jo)
    worker_id = getattr(desk, worker).id
    address = f"/staff/clients/{desk.client.id}/appointments"
    page = page_client.get(
        f"{address}/new?kind={desk.kind.id}&centre={desk.centre.id}&worker={worker_id}&day={THURSDAY}"
    )
    assert "Only if the worker does not speak Arabic" in page.text
    page = page_client.submit(address, starts_at="2026-12-03T10:00:00Z")
    assert ("An interpreter is still to book for then." in page.html) == (interpreter == "needed")
    session.rollback()
    (row,) = session.query(practical.PracticalHelp).all()
    assert row.interpreter == interpreter


def test_what_she_booked_herself_asks_for_an_interpreter_only_where_the_worker_needs_one(desk):
    assert words(desk, book(desk, "10:00", worker_id=desk.jo.id)) == ["Arabic interpreter not booked"]
    assert words(desk, book(desk, "12:00", worker_id=desk.leila.id, actor=desk.jo.actor)) == []


def test_moved_to_a_worker_who_speaks_her_language_the_interpreter_is_needed_no_more(desk):
    mine = book(desk, "10:00", worker_id=desk.jo.id)
    set_interpreter(desk, mine, "booked")
    moved = change(desk, mine, "11:00")
    assert practical.help_of(at_desk.number_of(moved)).interpreter == "needed"
    with unit_of_work():
        again = service.change(
            desk.reception.actor, at_desk.number_of(moved), starts_at=make.london(THURSDAY, "14:00"),
            worker_id=desk.leila.id, request_key="to-leila", now=clock.now(),
        ).id  # fmt: skip
    assert practical.help_of(again).interpreter == ""


def test_where_only_a_woman_may_interpret_booked_alone_is_refused(desk):
    only_a_woman(desk)
    mine = book(desk, "10:00", worker_id=desk.jo.id)
    assert words(desk, mine) == ["Female Arabic interpreter not booked"]
    with pytest.raises(Invalid, match="not_a_woman"):
        set_interpreter(desk, mine, "booked")
    assert practical.help_of(at_desk.number_of(mine)) is None
    set_interpreter(desk, mine, "booked", interpreter_is_woman=True)
    assert words(desk, mine) == ["Female Arabic interpreter booked"]
    assert words(desk, change(desk, mine, "11:00")) == ["Female Arabic interpreter not booked"]


def test_who_was_booked_before_it_was_known_is_to_be_asked(desk):
    mine = book(desk, "10:00", worker_id=desk.jo.id)
    set_interpreter(desk, mine, "booked")
    only_a_woman(desk)
    assert words(desk, mine) == ["Female Arabic interpreter booked: ask whether it is a woman"]


def test_the_desk_reads_what_to_prepare_and_is_told_to_ask_but_never_why(page_client, desk):  # R28
    only_a_woman(desk)
    mine = book(desk, "10:00", worker_id=desk.jo.id)
    sign_in.as_staff(page_client, desk.reception)
    assert "Female Arabic interpreter not booked" in page_client.get("/staff/today?day=2026-12-02").text
    address = f"/staff/appointments/{at_desk.number_of(mine)}"
    page_client.get(address)
    page = page_client.submit(f"{address}/help", interpreter="booked", companion="y")
    assert page.status == 422
    assert "Only a woman may interpret for her. Ask, and tick that it is a woman." in page.text
    assert page.find_all("input", name="companion")[0].get("checked") is not None
    page = page_client.submit(f"{address}/help", interpreter="booked", interpreter_is_woman="y")
    assert "Female Arabic interpreter booked" in page.text
    sign_in.as_client(page_client, desk.client)
    assert "interpret" not in page_client.get(f"/appointments/{at_desk.number_of(mine)}").text
