"""Codes by text for several women, made while their records are handed on to another keyworker."""

from concurrent import futures
from contextlib import suppress

from sqlalchemy import select

from portal.accounts import text_codes
from portal.accounts.models import TextCode
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import lock_rows, session, unit_of_work
from tests.support import make


def test_neither_waits_for_what_the_other_holds(either_database, app, travel, monkeypatch):
    women = [make.client() for _ in range(2)]
    for number, client in enumerate(women):
        make.safe_contact(client, number=f"+44770090032{number}", code_by_text=True)
    ids, names = [client.id for client in women], [client.code_name for client in women]
    with unit_of_work():
        for name in reversed(names):
            text_codes.ask(name, "192.0.2.1", now=clock.now())

    def hand_on() -> list[int]:
        try:
            with unit_of_work():
                return list(session.scalars(lock_rows(select(Client.id).where(Client.id.in_(ids)).order_by(Client.id))))
        finally:
            session.remove()

    make_one, handed_on = text_codes._make, []
    with futures.ThreadPoolExecutor(1) as other:

        def and_meanwhile(row, now) -> bool:
            made = make_one(row, now)
            if not handed_on:
                handed_on.append(other.submit(hand_on))
                with suppress(futures.TimeoutError):
                    handed_on[0].result(0.5)
            return made

        monkeypatch.setattr(text_codes, "_make", and_meanwhile)
        with unit_of_work():
            assert text_codes.make_asked_for(clock.now()) == 2
        assert handed_on[0].result(10) == ids
    assert session.scalars(select(TextCode.looked_at)).all() == [clock.now()] * 2
