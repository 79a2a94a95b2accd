"""The worklist: what people must do, the first due first; taking it, giving it back, closing it with what was done."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.clients.models import Client
from portal.clients.queries import away_uncovered
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import get_or_none, unit_of_work
from portal.core.errors import NotFound, Stale
from portal.web import sorting
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.routing import row_id
from portal.web.saving import form_page, save_once, saved
from portal.worklist import queries, service
from portal.worklist.forms import CloseForm
from portal.worklist.models import Task
from portal.worklist.rules import CALLED_OUT_FOR, DONE_WORDS, done_words, words_for

staff = AudienceBlueprint("worklist_staff", __name__, Audience.STAFF)

MOST = 200


@staff.get("/staff/worklist")
@needs(Permission.WORK_TASKS)
def worklist() -> str:
    """Every open task that is hers to see, by due time; `mine` narrows and `sort` orders it by the address."""
    now, mine = clock.now(), "mine" in request.args
    with unit_of_work():
        audit.record(actor(), "worklist_read", now=now)
    tasks = [task for task in queries.open_tasks(actor(), MOST) if not mine or actor().id in _whose(task)]
    names, people = queries.called_names(tasks), queries.people_of(tasks)
    sort = sorting.asked_for(
        {
            "by": lambda task: task.due_at,
            "what": lambda task: words_for(task.kind),
            "whom": lambda task: names.get(task.client_id),
            "whose": lambda task: people.get(task.owner_id),
            "has": lambda task: people.get(task.taken_by),
        }
    )
    return render_template(
        "worklist/staff/worklist.html",
        tasks=sort.rows(tasks),
        sort=sort,
        names=names,
        people=people,
        covers=queries.covers(tasks, now),
        overdue=queries.overdue_count(actor(), now) if actor().role is Role.MANAGER else 0,
        centres=centre_names(),
        words_for=words_for,
        called_out_for=CALLED_OUT_FOR,
        mine=mine,
        uncovered=away_uncovered(actor().centres, now) if actor().role is Role.MANAGER else [],
    )


@staff.route("/staff/worklist/<int:task_id>", methods=["GET", "POST"])
@needs(Permission.WORK_TASKS)
def close(task_id: int):
    """One task, and closing it."""
    task, form = queries.task(actor(), task_id), CloseForm()
    form.done.choices = to_choose(done_words(task.kind, at_desk=_at_desk()).items())

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


@staff.post("/staff/worklist/<int:task_id>/take")
@needs(Permission.WORK_TASKS)
def take(task_id: int) -> Response:
    """Say "I have it": one press; who was quicker stands on the page."""
    instead_of = request.form.get("instead_of", type=row_id)
    try:
        with unit_of_work():
            service.take_task(actor(), task_id, instead_of=instead_of, now=clock.now())
    except Stale:
        return saved(url_for("worklist_staff.close", task_id=task_id), "Somebody was quicker.")
    return saved(url_for("worklist_staff.close", task_id=task_id), "You have it. The others see that.")


@staff.post("/staff/worklist/<int:task_id>/give-back")
@needs(Permission.WORK_TASKS)
def give_back(task_id: int) -> Response:
    """She is not on it any more."""
    try:
        with unit_of_work():
            service.give_back(actor(), task_id, now=clock.now())
    except Stale:
        return saved(url_for("worklist_staff.close", task_id=task_id), "It was not yours any more.")
    return saved(url_for("worklist_staff.worklist"), "Given back.")


def _whose(task: Task) -> tuple[int | None, ...]:
    return task.owner_id, task.taken_by, task.second_id


def _shown(task: Task) -> dict:
    now = clock.now()
    return {
        "task": task,
        "words": words_for(task.kind),
        "client": get_or_none(Client, task.client_id) if task.client_id else None,
        "opens_file": queries.opens_record(actor(), task.client_id),
        "text_address": _text_address(task),
        "offer_address": _offer_address(task),
        "partner_address": _partner_address(task),
        "help_address": _help_address(task),
        "about_task": _task_meant(task),
        "people": queries.people_of([task]),
        "covers": queries.covers([task], now),
        "done_words": DONE_WORDS,
        "at_desk": _at_desk(),
    }


def _text_address(task: Task) -> str | None:
    """Where the one text that a task is about can be read without any history (R23)."""
    about, _, number = task.subject.partition(":")
    return f"/staff/inbox/{number}" if about == "incoming" and not _at_desk() else None


def _offer_address(task: Task) -> str | None:
    """Where the free time that a task is about is answered."""
    about, _, number = task.subject.partition(":")
    return f"/staff/waiting/offers/{number}" if about == "offer" else None


def _partner_address(task: Task) -> str | None:
    """The request that a task about a partner is about."""
    about, _, number = task.subject.partition(":")
    return f"/staff/partners/{number}" if about == "partner_referrals" and not _at_desk() else None


def _help_address(task: Task) -> str | None:
    """The part of the directory, or the service, that a task is about."""
    about, _, number = task.subject.partition(":")
    parts = {"help_checks_due": "/staff/help?show=due", "help_hidden_unchecked": "/staff/help?show=hidden"}
    return f"/staff/help/{number}" if about == "service" else parts.get(about)


def _task_meant(task: Task) -> int | None:
    """The id of the task that a task is about, as far as she may see it (R29)."""
    about, _, number = task.subject.partition(":")
    if about != "task":
        return None
    try:
        return queries.task(actor(), int(number)).id
    except NotFound:
        return None


def _note_reading(task: Task) -> None:
    if task.client_id is not None:
        with unit_of_work():
            audit.record(actor(), "client_read", now=clock.now(), client_id=task.client_id, subject=f"task:{task.id}")


def _at_desk() -> bool:
    return actor().role is Role.RECEPTIONIST
