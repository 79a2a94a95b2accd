"""The worklist: what people must do, the first due first, and closing it with what was done (R25)."""

from flask import render_template, request, url_for

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.clients.models import Client
from portal.clients.queries import away_uncovered
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import get_or_none, unit_of_work
from portal.core.errors import Stale
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once
from portal.worklist import queries, service
from portal.worklist.forms import CloseForm
from portal.worklist.models import Task
from portal.worklist.rules import DONE_WORDS, words_for

staff = AudienceBlueprint("worklist_staff", __name__, Audience.STAFF)

MOST = 200


@staff.get("/staff/worklist")
@needs(Permission.WORK_TASKS)
def worklist() -> str:
    """Every open task of hers and of her centres; `mine` narrows it and stays in the address."""
    now, mine = clock.now(), "mine" in request.args
    tasks = [task for task in queries.open_tasks(actor(), MOST) if not mine or task.owner_id == actor().id]
    with unit_of_work():
        audit.record(actor(), "worklist_read", now=now)
    return render_template(
        "worklist/staff/worklist.html",
        tasks=tasks,
        names=queries.called_names(tasks),
        owners=first_names(task.owner_id for task in tasks),
        centres=centre_names(),
        words_for=words_for,
        mine=mine,
        uncovered=away_uncovered(actor().centres, now) if actor().role is Role.MANAGER else [],
    )


@staff.route("/staff/worklist/<int:task_id>", methods=["GET", "POST"])
@needs(Permission.WORK_TASKS)
def close(task_id: int):
    """One task, and closing it."""
    task, form = queries.task(actor(), task_id), CloseForm()
    form.done.choices = to_choose(
        (done, words) for done, words in DONE_WORDS.items() if not _at_desk() or done in _AT_DESK
    )

    def save() -> str:
        note = "" if _at_desk() else form.note.data.strip()
        service.close_task(actor(), task_id, done=form.done.data, note=note, now=clock.now())
        return url_for("worklist_staff.worklist")

    if not form.is_submitted():
        _note_reading(task)
    try:
        done = save_once(form, save, "Closed.")
    except Stale:
        done = None
    return done or form_page("worklist/staff/task.html", form, **_shown(queries.task(actor(), task_id)))


_AT_DESK = ("rang_her", "told_in_person", "could_not_reach", "made_setup_code", "not_needed")
"""What the desk can have done."""


def _shown(task: Task) -> dict:
    people = first_names([task.owner_id, task.closed_by])
    return {
        "task": task,
        "words": words_for(task.kind),
        "client": get_or_none(Client, task.client_id) if task.client_id else None,
        "owner": people.get(task.owner_id or 0),
        "closed_by": people.get(task.closed_by or 0),
        "done_words": DONE_WORDS,
        "at_desk": _at_desk(),
    }


def _note_reading(task: Task) -> None:
    if task.client_id is not None:
        with unit_of_work():
            audit.record(actor(), "client_read", now=clock.now(), client_id=task.client_id, subject=f"task:{task.id}")


def _at_desk() -> bool:
    return actor().role is Role.RECEPTIONIST
