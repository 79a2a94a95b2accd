"""Reports on the pages of staff, the files that are sent, and that no secret of hers is ever in them."""

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.models import AuditEntry
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import Base, EncryptedJson, EncryptedText, session, unit_of_work
from portal.diversion import report_files, report_schema
from portal.diversion.queries import report_for
from portal.diversion.report_models import PoliceReport
from portal.diversion.report_schema import NotAReport, checked, is_reference
from portal.diversion.rules import Report
from tests.backoffice import two_records
from tests.diversion import house as houses
from tests.diversion.house import confirmed, drafted, missed, open_house, sent
from tests.support import sign_in


@pytest.fixture
def house(app, travel):
    house = open_house()
    missed(house, 9, reminded=True)
    missed(house, 5, reminded=True)
    return house


def signed_in(browser, actor):
    sign_in.as_staff(browser, houses.person(actor))
    return browser


def test_drafted_refused_for_one_person_confirmed_by_another_and_sent_once(house, new_page_client):  # R31
    jos, frans = signed_in(new_page_client(), house.jo), signed_in(new_page_client(), house.fran)
    page = jos.get(f"/staff/clients/{house.client_id}/conditions")
    address = page.links()["Draft a report"]
    jos.get(address)
    page = jos.submit(address, says="hers_not")
    report = session.query(PoliceReport).one()
    assert page.address == f"/staff/conditions/reports/{report.id}"
    assert "Somebody else has to confirm it" in page.text and "Save as PDF" not in page.text
    assert jos.post(f"{page.address}/confirm", {"request_key": "k"}).status == 403
    for ending in ("pdf", "csv"):
        assert jos.get(f"{page.address}/report.{ending}").status == 409, "not before it is confirmed"
    assert jos.post(f"{page.address}/sent", {"request_key": "s", "to": "police", "how": "post"}).status == 422
    task = frans.get("/staff/worklist")
    assert "say whether that is so" in task.text
    frans.get(page.address)
    page = frans.submit(f"{page.address}/confirm")
    assert "Confirmed by Jo" in page.text
    jos.get(page.address)
    page = jos.submit(f"{page.address}/sent", to="police", how="secure_mail", mailbox="The unit")
    assert "by the charity's own secure mail" in page.text.lower()
    again = jos.post(f"{page.address}/sent", {"request_key": "s2", "to": "council", "how": "post"})
    assert again.status == 409 and "sent already" in again.text
    session.remove()
    assert session.query(PoliceReport).one().sent_to == "police"
    assert jos.get(f"{page.address}").status == 200


def test_a_manager_alone_is_told_that_it_takes_two(house, page_client):  # R31
    report = drafted(house, house.fran)
    frans = signed_in(page_client, house.fran)
    page = frans.post(f"/staff/conditions/reports/{report.id}/confirm", {"request_key": "k"})
    assert page.status == 422 and "A second person has to confirm it" in page.text


def test_what_changed_meanwhile_is_a_clear_page(house, page_client):
    report_id = drafted(house).id
    houses.came(house, 2)
    frans = signed_in(page_client, house.fran)
    page = frans.post(f"/staff/conditions/reports/{report_id}/confirm", {"request_key": "k"})
    assert page.status == 409 and "changed since this was drafted" in page.text
    draft = frans.post(f"/staff/conditions/{house.condition_id}/report", {"request_key": "d", "says": "as_it_stands"})
    assert draft.status == 409 and "drafted already" in draft.text


def test_the_files_say_the_seven_fields_and_nothing_else(house, page_client, travel):  # R7, R31
    houses.came(house, 20)
    report = drafted(house, reason="")
    jos = signed_in(page_client, house.jo)
    answer = jos.client.get(f"/staff/conditions/reports/{report.id}/report.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-{report.id}-20261201.csv"'
    head, row = csv.reader(io.StringIO(answer.get_data(as_text=True)))
    assert head == [*Report._fields]
    assert row == ["REF-7", "appointments", "2", "1", "2026-11-11", "under_way", ""]
    answer = jos.client.get(f"/staff/conditions/reports/{report.id}/report.pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-{report.id}-20261201.pdf"'
    shown = re.findall(rb"\((.*?)\) Tj", answer.data)
    assert [each.decode() for each in shown] == [
        "Report", "Reference", "REF-7", "Condition", "Sessions at a centre", "Sessions asked for", "2",
        "Sessions attended", "1", "Dates attended", "11 November 2026", "Status", "Under way",
    ]  # fmt: skip
    metadata = answer.data[answer.data.rindex(b"/Title") - 60 :]
    for word in (b"portal", b"fpdf", b"Author", b"women", b"2026-12"):
        assert word not in metadata.lower() or word == b"Author"
    kinds = [entry.reason for entry in session.query(AuditEntry).filter_by(action="report_saved")]
    assert kinds == ["csv", "pdf"]


def test_no_free_text_of_hers_is_ever_in_a_report(house, page_client, travel):  # R31
    """Every sealed column of every row that is hers holds a secret; no file, page or print of the report holds one."""
    client = session.get_one(Client, house.client_id)
    two_records.live(client, day=1)
    secrets = []
    with unit_of_work():
        for mapper in Base.registry.mappers:
            model = mapper.class_
            if "client_id" not in model.__table__.c and model is not Client:
                continue
            if model is PoliceReport:
                continue
            sealed = [(name, value) for name, value in vars(model).items() if isinstance(value, EncryptedText)]
            column = model.id if model is Client else model.client_id
            for row in session.query(model).filter(column == client.id):
                for name, value in sealed:
                    if isinstance(value, EncryptedJson) or (model.__tablename__, name) in _CODES:
                        continue
                    secret = f"quillfeather{len(secrets)}x"
                    setattr(row, name, secret)
                    secrets.append(secret)
    assert len(secrets) > 20
    report = drafted_of_first(house)
    jos = signed_in(page_client, house.jo)
    told = json.dumps(report_for(houses.again(house), clock.now()))
    pdf, listed = report_files.as_pdf(report), report_files.as_csv(report)
    page = jos.get(f"/staff/conditions/reports/{report.id}")
    shown = page.text.replace(session.get_one(Client, house.client_id).called_name, "")
    for secret in secrets:
        assert secret not in told and secret.encode() not in pdf and secret.encode() not in listed
        assert secret not in shown
    assert "quillfeather" not in told


_CODES = {("referrals", "offence_group")}


def drafted_of_first(house):
    """A report though every reference is a secret: an earlier one is put back, as no other can be drafted."""
    with unit_of_work():
        from portal.diversion.models import Referral

        session.get_one(Referral, house.referral_id).reference = "REF-7"
    return drafted(house, reason="")


def test_she_reads_the_same_as_is_sent(house, page_client):  # R31, R41
    with unit_of_work():
        session.get_one(Client, house.client_id).report_online = True
    report = confirmed(house, drafted(house))
    sent(house, report)
    sign_in.as_client(page_client, session.get_one(Client, house.client_id))
    page_client.get("/me/report", follow=True)
    page = sign_in.step_up(page_client)
    assert "We tell them that you did not do all that was asked." in page.text
    for blame in ("fail", "breach", "non-compliant", "not met"):
        assert blame not in page.text.lower()  # R36


GOOD = {
    "reference": "REF-7", "condition": "appointments", "needed": 2, "attended": 1,
    "attended_dates": ["2026-11-17"], "status": "under_way", "reason_class": "",
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"note": "She was hurt"}, {"condition": "Her husband"}, {"status": "failed"}, {"reason_class": "drunk"},
        {"reason_class": "service"}, {"status": "not_met"}, {"attended": 3}, {"needed": 0}, {"needed": "2"},
        {"attended": True}, {"attended_dates": ["at the door"]}, {"attended_dates": ["2026-11-17", "2026-11-18"]},
        {"attended_dates": "2026-11-17"}, {"attended_dates": ["2026-11-17T10:00"]}, {"reference": None},
        {"needed": 21}, {"attended": -1},
    ],
)  # fmt: skip
def test_what_does_not_fit_the_shape_is_told_to_nobody(change):  # R31
    assert checked(dict(GOOD)) == GOOD
    with pytest.raises(NotAReport):
        checked(GOOD | change)


def test_a_report_lacks_no_field_and_keeps_their_order():
    for field in GOOD:
        with pytest.raises(NotAReport):
            checked({name: value for name, value in GOOD.items() if name != field})
    with pytest.raises(NotAReport):
        checked(dict(reversed(GOOD.items())))


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.text(), st.integers(), st.none(), st.booleans())))
def test_nothing_else_passes(content):
    with pytest.raises(NotAReport):
        checked(content)


@given(st.text())
def test_a_reference_is_short_and_plain_or_none(reference):
    if is_reference(reference):
        assert len(reference) <= report_schema.LONGEST_REFERENCE and reference.isascii()
        assert any(letter.isdigit() for letter in reference)
    assert checked(GOOD | {"reference": reference})["reference"] in ("", reference)


@pytest.mark.parametrize(
    "reference", ["Rose, see her mother", "rose@example.org", "Ring 07700 900123 after 8 please it"]
)
def test_words_are_no_reference(reference):
    assert not is_reference(reference, ("Rose",))


@pytest.mark.parametrize("reference", ["REF-7", "01MP/123456/26", "CC 2026-17", "REF-1042"])
def test_what_referrers_write_is_one(reference):
    assert is_reference(reference, ("Rose", "Blue Heron 42"))
