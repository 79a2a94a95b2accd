"""What every staff form does the same way: carried out once, then led on; shown again with its faults otherwise."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.web import once
from portal.web.forms import OnceForm, PortalForm, unprocessable
from portal.web.guards import actor


def save_once(form: OnceForm, save: Callable[[], str], done: str = "Saved.") -> Response | None:
    """Carry a valid form out once, in one unit of work, and lead to the address that `save` gives.

    Gives None when the page has to be shown (again): not sent yet, or with faults at the fields. Pressed twice, the
    second press is led where the first one was.
    """
    if not form.validate_on_submit():
        return None
    try:
        with unit_of_work():
            address = once.claim(actor(), form.request_key.data, now=clock.now())
            if address is None:
                address = save()
                once.made(actor(), form.request_key.data, address)
    except Invalid as refusal:
        form.refuse(refusal)
        return None
    return saved(address, done)


def saved(address: str, done: str = "Saved.") -> Response:
    """Say that it is done, and lead on."""
    flash(done)
    return redirect(address, 303)


def form_page(template: str, form: PortalForm, **values: Any):
    """The page of a form: 422 when it was sent and has faults."""
    page = unprocessable if form.is_submitted() else render_template
    return page(template, form=form, **values)
