"""Changing the directory: all or nothing, nothing unverified shown, what staff confirmed stays."""

from datetime import date, timedelta

import pytest

from portal.audit.models import AuditEntry
from portal.core.access import Actor, Role
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.help import queries, service
from portal.help.models import Service
from portal.help.queries import Asked
from portal.help.spreadsheet import version_of
from portal.jobs import tasks
from portal.worklist.models import Task
from tests.help.rows import file, row
from tests.support import make


@pytest.fixture
def jo(app, travel) -> Actor:
    return make.staff().actor


def load(actor: Actor, *rows: dict[str, str], now, **options) -> service.Imported:
    with unit_of_work():
        return service.import_csv(file(*rows), actor=actor, now=now, **options)


def one(key: str = "example-line") -> Service:
    return session.query(Service).filter_by(key=key).one()


def test_only_what_a_public_source_verified_is_published(jo, travel):
    done = load(jo, row(), row(key="other", status="third-party"), now=travel.now)
    assert (done.added, done.changed, done.same) == (("example-line", "other"), (), ())
    assert [entry.key for entry in queries.services().services] == ["example-line"]
    assert one().check_due_on == date(2027, 3, 1)


def test_the_same_file_again_changes_nothing(jo, travel):
    load(jo, row(), row(key="other", status="third-party"), now=travel.now)
    before = [(entry.published, entry.position, entry.check_due_on) for entry in queries.all_services()]
    travel.forward(days=30)
    done = load(jo, row(), row(key="other", status="third-party"), now=travel.now)
    assert (done.added, done.changed, done.same) == ((), (), ("example-line", "other"))
    assert [(entry.published, entry.position, entry.check_due_on) for entry in queries.all_services()] == before


def test_one_fault_keeps_the_whole_file_out(jo, travel):
    load(jo, row(), now=travel.now)
    done = load(jo, row(name="New name"), row(key="bad", source=""), now=travel.now)
    assert [str(fault) for fault in done.faults] == ["Line 3, source: fill this in."]
    assert one().name == "Example Line"


def test_a_dry_run_tells_and_does_nothing(jo, travel):
    load(jo, row(), now=travel.now)
    done = load(jo, row(name="New name"), row(key="new"), now=travel.now, dry_run=True)
    assert (done.added, done.changed) == (("new",), ("example-line",))
    assert [entry.name for entry in queries.all_services()] == ["Example Line"]


def test_an_import_keeps_what_staff_confirmed_and_asks_for_a_new_check_when_the_number_changed(jo, travel):
    load(jo, row(status="third-party"), now=travel.now)
    with unit_of_work():
        service.confirm(jo, one().id, now=travel.now)
    assert (one().published, one().checked_by, one().check_due_on) == (True, jo.id, date(2027, 3, 1))
    load(jo, row(status="third-party", name="New name"), now=travel.now)
    assert (one().name, one().published, one().check_due_on) == ("New name", True, date(2027, 3, 1))
    load(jo, row(status="third-party", phone="020 7946 0999"), now=travel.now)
    assert (one().published, one().check_due_on) == (True, date(2026, 12, 1))


def test_an_import_shows_nothing_that_staff_hid(jo, travel):
    load(jo, row(), now=travel.now)
    with unit_of_work():
        service.hide(jo, one().id, now=travel.now)
    load(jo, row(name="New name"), now=travel.now)
    assert not one().published
    with unit_of_work():
        service.show(jo, one().id, now=travel.now)
    assert one().published


def test_what_nobody_verified_or_confirmed_cannot_be_shown(jo, travel):
    load(jo, row(status="third-party"), now=travel.now)
    with pytest.raises(Stale), unit_of_work():
        service.show(jo, one().id, now=travel.now)
    assert not one().published


def test_a_number_edited_without_a_call_hides_the_entry_until_it_is_confirmed(jo, travel):
    load(jo, row(), now=travel.now)
    with unit_of_work():
        service.edit(one().id, row(hours_note="Ring twice."), checked=False, actor=jo, now=travel.now)
    assert one().published
    with unit_of_work():
        service.edit(one().id, row(phone="020 7946 0999"), checked=False, actor=jo, now=travel.now)
    assert not one().published
    with pytest.raises(Stale), unit_of_work():
        service.show(jo, one().id, now=travel.now)
    with unit_of_work():
        service.edit(one().id, row(phone="020 7946 0998"), checked=True, actor=jo, now=travel.now)
    assert one().published


def test_an_entry_keeps_its_key(jo, travel):
    load(jo, row(), now=travel.now)
    with unit_of_work():
        service.edit(one().id, row(key="another"), checked=False, actor=jo, now=travel.now)
    assert one().key == "example-line"


def test_a_key_is_given_once(jo, travel):
    with unit_of_work():
        service.add(row(), checked=False, actor=jo, now=travel.now)
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.add(row(), checked=False, actor=jo, now=travel.now)
    assert (refusal.value.field, refusal.value.reason) == ("key", "twice")


def test_faulty_values_are_refused_and_unknown_entries_are_not_there(jo, travel):
    with pytest.raises(Invalid), unit_of_work():
        service.add(row(phone="85258"), checked=True, actor=jo, now=travel.now)
    for unknown in (1, 0, -1, 2**40):
        with pytest.raises(NotFound), unit_of_work():
            service.confirm(jo, unknown, now=travel.now)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.REFERRER, None])
def test_who_may_not_edit_help_changes_nothing(app, travel, role):
    stranger = Actor("staff" if role else "client", 1, role)
    for change in (
        lambda: load(stranger, row(), now=travel.now),
        lambda: service.add(row(), checked=False, actor=stranger, now=travel.now),
        lambda: service.edit(1, row(), checked=False, actor=stranger, now=travel.now),
        lambda: service.confirm(stranger, 1, now=travel.now),
        lambda: service.hide(stranger, 1, now=travel.now),
        lambda: service.show(stranger, 1, now=travel.now),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert queries.all_services() == []


def test_every_change_is_in_the_log_by_number_only(jo, travel):  # R30
    load(jo, row(), now=travel.now)
    with unit_of_work():
        service.confirm(jo, one().id, now=travel.now)
    entries = [(entry.action, entry.actor_id, entry.subject) for entry in session.query(AuditEntry)]
    assert entries == [("help_imported", jo.id, ""), ("help_confirmed", jo.id, f"service:{one().id}")]


def test_the_seed_adds_what_is_missing_and_touches_nothing_else(jo, travel):
    with unit_of_work():
        first = service.seed(travel.now)
    assert len(first.added) == 67
    shown = {entry.key: entry.published for entry in queries.all_services()}
    assert shown["emergency-999"] and shown["ndah"] and not shown["rcew"] and not shown["solace"]
    with unit_of_work():
        service.edit(one("ndah").id, row(name="Edited"), checked=True, actor=jo, now=travel.now)
    with unit_of_work():
        again = service.seed(travel.now)
    assert (again.added, again.changed, len(again.same)) == ((), (), 67)
    assert one("ndah").name == "Edited"


def test_the_check_of_the_directory_is_quiet_at_first_and_names_what_is_wrong_later(jo, travel):
    with unit_of_work():
        service.seed(travel.now)
    assert service.faults_in_directory(travel.now) == []
    with unit_of_work():
        one("shout").phone = "85258"
        one("ndah").source = ""
    travel.forward(days=89)
    assert [str(fault) for fault in service.faults_in_directory(travel.now)] == [
        "Entry ndah, source: fill this in.",
        "Entry shout, phone: this number takes texts only, so it must not stand under phone.",
    ]
    travel.forward(days=1)
    stale = [str(fault) for fault in service.faults_in_directory(travel.now) if fault.reason == "check_due"]
    assert "Entry emergency-999: nobody has checked this for 90 days." in stale
    assert not any("rcew" in words for words in stale)


def test_it_works_on_both_databases(either_database, app, travel):
    jo = make.staff().actor
    with unit_of_work():
        service.seed(travel.now)
    load(jo, row(name="Ørsted, “quoted” 🙂"), now=travel.now)
    with unit_of_work():
        service.confirm(jo, one().id, now=travel.now)
    assert one().name == "Ørsted, “quoted” 🙂"
    assert len(queries.services(Asked(["money"], "camden", open_at=travel.now)).emergencies) == 4


def open_tasks() -> list[str]:
    return sorted(task.kind for task in session.query(Task).filter(Task.closed_at.is_(None)))


def test_checks_that_are_due_are_asked_for_once_a_day_until_they_are_done(jo, travel):
    load(jo, row(), row(key="other", name="Other"), now=travel.now)
    tasks.check_help()
    assert open_tasks() == []
    travel.now += timedelta(days=90)
    for _ in range(2):
        tasks.check_help()
    assert open_tasks() == ["help_checks_due"]
    with unit_of_work():
        service.confirm(jo, one().id, now=travel.now)
    assert open_tasks() == ["help_checks_due"]  # one is still to be rung
    with unit_of_work():
        service.confirm(jo, one("other").id, now=travel.now)
    tasks.check_help()
    assert open_tasks() == []


def test_what_nobody_checked_for_30_days_leaves_womens_pages_with_a_task_but_999_stays(jo, travel):
    load(jo, row(name="Late"), row(key="nines", name="999", phone="999", emergency="yes"), now=travel.now)
    travel.now += timedelta(days=119)
    tasks.check_help()
    assert one().published
    travel.now += timedelta(days=1)
    tasks.check_help()
    session.expire_all()
    assert (one().published, one("nines").published) == (False, True)
    (task,) = session.query(Task).filter_by(kind="help_hidden_unchecked")
    assert task.note == "Late"
    assert session.query(AuditEntry).filter_by(action="help_hidden", reason="unchecked").count() == 1
    with unit_of_work():
        service.confirm(jo, one().id, now=travel.now)
    assert one().published


def test_a_number_that_was_changed_meanwhile_is_not_confirmed_by_who_rang_the_old_one(jo, travel):
    load(jo, row(), now=travel.now)
    on_her_screen = version_of(one())
    with unit_of_work():
        service.edit(one().id, row(phone="020 7946 0999"), checked=False, actor=jo, now=travel.now)
    with pytest.raises(Stale), unit_of_work():
        service.confirm(jo, one().id, now=travel.now, seen=on_her_screen)
    assert (one().published, one().checked_at) == (False, None)
    with unit_of_work():
        service.confirm(jo, one().id, now=travel.now, seen=version_of(one()))
    assert one().published


def test_of_two_who_edit_at_once_the_second_overwrites_nothing_unseen(jo, travel):
    load(jo, row(), now=travel.now)
    opened = version_of(one())
    with unit_of_work():
        service.edit(one().id, row(hours_note="By Sam."), checked=True, actor=jo, now=travel.now, seen=opened)
    with pytest.raises(Stale), unit_of_work():
        service.edit(one().id, row(name="By Jo"), checked=True, actor=jo, now=travel.now, seen=opened)
    assert (one().name, one().hours_note) == ("Example Line", "By Sam.")


def test_a_confirmation_between_opening_and_saving_does_not_stop_who_saves(jo, travel):
    load(jo, row(), now=travel.now)
    opened = version_of(one())
    with unit_of_work():
        service.confirm(jo, one().id, now=travel.now)
    with unit_of_work():
        service.edit(one().id, row(name="By Jo"), checked=False, actor=jo, now=travel.now, seen=opened)
    assert one().name == "By Jo"


def test_a_number_that_an_import_changed_is_named_and_due_for_a_call_also_where_nobody_rang_before(jo, travel):
    load(jo, row(), row(key="other", name="Other"), now=travel.now)
    rows = row(phone="020 7946 0999"), row(key="other", name="New name")
    looked = load(jo, *rows, now=travel.now, dry_run=True)
    assert (looked.changed, looked.reached_anew) == (("example-line", "other"), ("example-line",))
    load(jo, *rows, now=travel.now)
    assert (one().check_due_on, one("other").check_due_on) == (date(2026, 12, 1), date(2027, 3, 1))


def test_what_left_for_want_of_a_check_comes_back_only_with_a_call(jo, travel):
    load(jo, row(), now=travel.now)
    travel.now += timedelta(days=120)
    tasks.check_help()
    with pytest.raises(Stale), unit_of_work():
        service.show(jo, one().id, now=travel.now)
    assert not one().published


def test_what_leaves_on_another_day_has_a_task_of_its_own(jo, travel):
    load(jo, row(name="First"), now=travel.now)
    travel.now += timedelta(days=1)
    load(jo, row(key="second", name="Second"), now=travel.now)
    travel.now += timedelta(days=119)
    tasks.check_help()
    travel.now += timedelta(days=1)
    tasks.check_help()
    notes = [task.note for task in session.query(Task).filter_by(kind="help_hidden_unchecked").order_by(Task.id)]
    assert notes == ["First", "Second"]


@pytest.mark.parametrize("dealing", ["hide", "edit"])
def test_the_task_of_checks_ends_however_the_last_due_one_is_dealt_with(jo, travel, dealing):
    load(jo, row(), now=travel.now)
    travel.now += timedelta(days=90)
    tasks.check_help()
    assert open_tasks() == ["help_checks_due"]
    with unit_of_work():
        if dealing == "hide":
            service.hide(jo, one().id, now=travel.now)
        else:
            service.edit(one().id, row(name="New"), checked=True, actor=jo, now=travel.now)
    assert open_tasks() == []


def test_a_number_that_an_import_changed_is_nobodys_check_and_a_hidden_one_comes_back_only_with_a_call(jo, travel):
    load(jo, row(), row(key="seen", name="Seen"), now=travel.now)
    with unit_of_work():
        for key in ("example-line", "seen"):
            service.confirm(jo, one(key).id, now=travel.now)
        service.hide(jo, one().id, now=travel.now)
    load(jo, row(phone="020 7946 0999"), row(key="seen", name="Seen", phone="020 7946 0998"), now=travel.now)
    assert (one("seen").published, one("seen").checked_by, one("seen").checked_at) == (True, None, None)
    with pytest.raises(Stale), unit_of_work():
        service.show(jo, one().id, now=travel.now)
    assert not one().published
