"""Notes of staff: fact or opinion is asked, what is written stays, and which may go into her copy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.models import AuditEntry
from portal.clients import notes
from portal.clients.note_models import StaffNote
from portal.clients.note_rules import left_out
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.privacy import service as privacy
from tests.plan.plans import keyworker
from tests.support import make


def write(client, now, **values) -> StaffNote:
    facts = {"body": "lanternwick", "is_opinion": False, "third_party": False, "safe_to_show": False} | values
    with unit_of_work():
        return notes.write(facts.pop("actor", None) or keyworker(client), client.id, now=now, **facts)


@given(st.booleans(), st.booleans())
def test_what_tells_of_somebody_else_never_goes_into_her_copy(third_party, safe):  # R34
    reason = left_out(third_party=third_party, safe_to_show=safe)
    assert (reason is None) == (safe and not third_party)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"body": "  "}, "body: missing"),
        ({"body": "x" * 4001}, "body: too_long"),
        ({"is_opinion": None}, "is_opinion: missing"),
    ],
)
def test_what_is_not_a_note(app, travel, values, refused):
    with pytest.raises(Invalid, match=refused):
        write(make.client(), travel.now, **values)
    assert session.query(StaffNote).count() == 0


def test_a_correction_stands_beside_the_old_one_which_stays_as_it_was(app, travel):
    client = make.client()
    old = write(client, travel.now)
    new = write(client, travel.now, body="harrowmere", corrects_id=old.id)
    session.remove()
    assert [(row.body, row.corrects_id) for row in session.query(StaffNote).order_by(StaffNote.id)] == [
        ("lanternwick", None), ("harrowmere", old.id),
    ]  # fmt: skip
    assert b"lanternwick" not in session.get_one(StaffNote, old.id)._body  # R32
    written = [entry.action for entry in session.query(AuditEntry).filter_by(client_id=client.id)]
    assert written == ["note_written", "note_corrected"] and new.written_by == client.keyworker_id


def test_no_note_of_another_woman_is_corrected(app, travel):
    old = write(make.client(), travel.now)
    with pytest.raises(NotFound):
        write(make.client(), travel.now, corrects_id=old.id)


@pytest.mark.parametrize("role", ["receptionist", "admin", "referrer"])
def test_who_writes_no_plans_writes_no_notes(app, travel, role):  # R28
    client = make.client()
    with pytest.raises((NotAllowed, NotFound)):
        write(client, travel.now, actor=make.staff(role, session.get(make.Centre, client.centre_id)).actor)


def test_they_go_half_a_year_after_her_record_was_closed_and_with_them_what_partners_were_told(app, travel):  # R33
    from portal.partners.models import PartnerReferral
    from tests.partners import asked

    client, other = make.client(), make.client()
    old = write(client, travel.now)
    write(client, travel.now, corrects_id=old.id)
    write(other, travel.now)
    number = asked.sent(client, "name", what_for="harrowmere").id
    with unit_of_work():
        session.merge(client).closed_at = travel.now

    def purge(days: int, *, dry_run: bool = False) -> tuple[int, int]:
        with unit_of_work():
            counts = privacy.purge(travel.now + timedelta(days=days), dry_run=dry_run)
            return counts["staff_notes"], counts["partner_referrals"]

    assert purge(179) == (0, 0)
    assert purge(181, dry_run=True) == (2, 1)
    assert session.query(StaffNote).count() == 3
    assert purge(181) == (2, 1)
    session.remove()
    assert session.query(StaffNote).count() == 1
    row = session.get_one(PartnerReferral, number)
    assert (row.name, row.what_for, row.told, row.kind, row.state) == (None, None, None, "housing", "sent")
    assert purge(182) == (0, 0)
