"""Keys that change while the portal runs, and sealed values that somebody moves about in the database (R32)."""

import itertools
import threading
from base64 import urlsafe_b64encode

import pytest
from sqlalchemy import select

from portal.app import create_app
from portal.audit import service as audit
from portal.clients.models import Client
from portal.core import clock, crypto, database
from portal.core.access import SYSTEM
from portal.core.database import EncryptedText, session, unit_of_work
from portal.core.settings import Settings, made_up_key
from portal.privacy import service as privacy
from tests.support import demo_house, make

NEW_KEY = urlsafe_b64encode(bytes(range(32))).decode()
OLD_KEY = made_up_key("PORTAL_FIELD_KEYS")


def start(environ, keys: str):
    database.disconnect()
    return create_app(Settings.from_env(environ | {"PORTAL_FIELD_KEYS": keys}))


def test_while_keys_are_rotated_others_write_and_read_and_nothing_is_lost(either_database, app, environ, travel):
    ids = [make.client(called_name=f"Rose {number}").id for number in range(60)]
    app = start(environ, f"{NEW_KEY},{OLD_KEY}")
    written, faults, over = {}, [], threading.Event()

    def use() -> None:
        """What a web process does meanwhile: open a record, change it, read others."""
        try:
            for number in itertools.count():
                one = ids[number % len(ids)]
                with unit_of_work():
                    session.get_one(Client, one, with_for_update=True).called_name = f"Amal {number}"
                written[one] = f"Amal {number}"
                assert all(row.called_name for row in session.scalars(select(Client).limit(20)))
                session.remove()
                if over.is_set():
                    return
        except Exception as fault:  # noqa: BLE001  # told to the test, whatever it is
            faults.append(fault)
        finally:
            session.remove()

    user = threading.Thread(target=use)
    user.start()
    session.remove()
    done = app.test_cli_runner().invoke(args=["keys", "rotate"])
    over.set()
    user.join(30)
    assert done.exit_code == 0 and faults == [] and written
    start(environ, NEW_KEY)
    for number, one in enumerate(ids):
        assert session.get_one(Client, one).called_name == written.get(one, f"Rose {number}")


def test_the_audit_chain_is_whole_before_during_and_after_a_rotation(either_database, app, environ, travel):
    for keys in (OLD_KEY, f"{NEW_KEY},{OLD_KEY}", NEW_KEY):
        app = start(environ, keys)
        session.remove()
        assert app.test_cli_runner().invoke(args=["keys", "rotate"]).exit_code == 0
        with unit_of_work():
            audit.record(SYSTEM, "entry", now=clock.now())
            session.flush()
            audit.seal()
        assert audit.first_fault() is None
    assert audit.sealed_count() == 3


def test_the_chain_has_a_key_of_its_own(app):
    keyring = crypto.keyring()
    assert audit.chain_key() not in (keyring.index_key, *keyring.field_keys)
    assert audit.chain_key() != keyring.key_for("another purpose")
    assert audit.chain_key().hex()[:32] != keyring.index("audit chain", "")


def test_no_sealed_value_opens_in_another_table_column_or_row(app, travel):
    """Every sealed value of the demo, tried in the place of every other kind of value, and in another row."""
    demo_house.load()
    found = []
    for model in privacy.sealed_models():
        for name, field in vars(model).items():
            if isinstance(field, EncryptedText):
                row = next((row for row in session.query(model) if getattr(row, f"_{name}") is not None), None)
                if row is not None:
                    found.append((field, row.seal_id, getattr(row, f"_{name}")))
    assert len(found) > 15 and len({field.table for field, _, _ in found}) > 8
    for field, seal_id, sealed in found:
        assert crypto.keyring().open(sealed, field.bound_to(seal_id))
        places = [other.bound_to(seal_id) for other, _, _ in found if other is not field]
        places += [field.bound_to(other_id) for _, other_id, _ in found if other_id != seal_id]
        for place in places:
            with pytest.raises(crypto.CannotOpen):
                crypto.keyring().open(sealed, place)
