"""Every page of the back office about one woman stands in the audit log under her id, whoever opens it (R30)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.core.access import Role
from portal.core.database import session
from tests.backoffice import booked
from tests.support import make, sign_in


def readings(client_id: int, staff_id: int) -> int:
    about_her = select(func.count(AuditEntry.id)).where(
        AuditEntry.client_id == client_id, AuditEntry.actor_id == staff_id, AuditEntry.actor_kind == "staff"
    )
    session.rollback()
    return session.scalar(about_her)


@pytest.mark.parametrize("role", [Role.KEYWORKER, Role.RECEPTIONIST, Role.MANAGER])
def test_whoever_opens_a_page_about_her_stands_in_the_log(app, page_client, travel, role):  # R30
    centre = make.centre()
    client = make.client(centre_=centre)
    make.safe_contact(client)
    staff = make.staff(role, centre)
    appointment = booked.appointment(client, travel.now + timedelta(hours=3))
    ids = {"client_id": client.id, "appointment_id": appointment.id}
    client_id, staff_id = client.id, staff.id
    sign_in.staff_at(page_client, staff, "/staff/today")
    opened = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff/") and "GET" in rule.methods and rule.arguments and rule.arguments <= set(ids):
            address = rule.rule.replace("<int:client_id>", str(ids["client_id"]))
            address = address.replace("<int:appointment_id>", str(ids["appointment_id"]))
            before = readings(client_id, staff_id)
            # Some answer with a part of a page, so the rules of whole pages are not asked here.
            if page_client.client.get(address).status_code == 200:
                opened += 1
                assert readings(client_id, staff_id) > before, address
    assert opened >= 5
