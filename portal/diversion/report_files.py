"""A report as a file that a person sends: a PDF of core fonts, or a CSV; nothing in it but the seven fields (R31)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from portal.core.spreadsheets import as_csv as rows_as_csv
from portal.diversion import report_schema, words
from portal.diversion.report_models import PoliceReport
from portal.diversion.rules import Report

TITLE = "Report"
MARGIN, LINE, SIZE = 20, 8, 12
"""Millimetres, and points."""
_WORDS = {
    "reference": "Reference",
    "condition": "Condition",
    "needed": "Sessions asked for",
    "attended": "Sessions attended",
    "attended_dates": "Dates attended",
    "status": "Status",
    "reason_class": "Reason",
}


def as_csv(report: PoliceReport) -> bytes:
    """The fields as codes, one row under their names."""
    told = report_schema.checked(report.content)
    row = [" ".join(value) if isinstance(value, list) else str(value) for value in told.values()]
    return rows_as_csv([[*Report._fields], row]).encode()


def as_pdf(report: PoliceReport) -> bytes:
    """The fields in words on one page; its metadata says nothing but that it is a report."""
    # Late: the library is large, and one page of staff needs it.
    from fpdf import FPDF
    from fpdf.enums import XPos, YPos

    page = FPDF(format="A4")
    page.set_compression(False)
    page.set_margin(MARGIN)
    page.set_title(TITLE)
    page.set_producer("")
    page.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
    page.add_page()
    page.set_font("helvetica", style="B", size=SIZE + 6)
    page.cell(0, LINE * 2, TITLE, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    for name, value in in_words(report):
        page.set_font("helvetica", style="B", size=SIZE)
        page.cell(55, LINE, name)
        page.set_font("helvetica", size=SIZE)
        page.multi_cell(0, LINE, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(page.output())


def in_words(report: PoliceReport) -> Iterator[tuple[str, str]]:
    """Each field with its value in words, what is empty left out."""
    told = report_schema.checked(report.content)
    for field in Report._fields:
        said = _said(field, told[field])
        if said:
            yield _WORDS[field], said


def _said(field: str, value: str | int | list[str]) -> str:
    if isinstance(value, list):
        return ", ".join(f"{date.fromisoformat(day):%-d %B %Y}" for day in value)
    if field == "condition":
        return words.WHAT[str(value)].capitalize()
    if field == "status":
        return words.STATUS[str(value)].capitalize()
    if field == "reason_class":
        return words.REASON[str(value)].capitalize() if value else ""
    return str(value)
