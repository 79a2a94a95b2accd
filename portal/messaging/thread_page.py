"""All that stands on the page of a thread: who she is, how she may be reached, what was said, what is being written."""

from flask import url_for

from portal.clients.models import Client, SafeContact
from portal.clients.queries import has_opted_out, safe_contact, visible_client
from portal.core import clock
from portal.core.locales import LANGUAGES, shown_in
from portal.messaging import batch_queries, composing, live, planned, queries, staff_words, templates, threads
from portal.messaging.composing import Draft
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import Text, TextState
from portal.messaging.rules import Verdict
from portal.messaging.staff_forms import PressForm, WriteForm
from portal.staff.queries import away_among, first_names
from portal.web.guards import actor

NOT_REACHED = (TextState.HELD, TextState.NOT_DELIVERED, TextState.SKIPPED, TextState.STOPPED)


def new_form(client_id: int, body: str = "") -> WriteForm:
    """An empty form, set to the way by which she can be reached now."""
    client = visible_client(actor(), client_id)

    on_her_pages = client.messages_online and _outlook(client, safe_contact(client_id)).needs_person
    return WriteForm(formdata=None, data={"body": body, "by": "portal" if on_her_pages else "text"})


def thread_page(client_id: int, form: WriteForm, draft: Draft | None = None) -> dict:
    """The values of the whole page."""
    client, record = visible_client(actor(), client_id), safe_contact(client_id)
    outlook = _outlook(client, record)
    return conversation(client_id) | {
        "language_note": _language_note(client, record),
        "choices": templates.for_composer(composing.her_language(client, record)),
        "outlook": staff_words.outlook(outlook, clock.now()),
        "no_texts": outlook.needs_person,
        "form": form,
        "test_form": PressForm(formdata=None, prefix=""),
        "draft": draft,
        "preview_at": url_for("messaging_staff.preview", client_id=client.id),
    }


def conversation(client_id: int) -> dict:
    """The values of the part that keeps itself fresh: how she may be reached, and what was said."""
    now = clock.now()
    client, record = visible_client(actor(), client_id), safe_contact(client_id)
    version = live.thread_version(client_id)
    entries = threads.thread(client.id)
    names = _names(client, entries)
    return {
        "client": client,
        "record": record,
        "version": version,
        "batches": batch_queries.may_open(actor(), _batch_ids(entries)),
        "seen": threads.said_by_others(client_id, actor().id),
        "entries": entries,
        "names": names,
        "worker": names.get(client.keyworker_id or 0),
        "away": away_among([client.keyworker_id], now).get(client.keyworker_id or 0),
        "may_be_texted": staff_words.may_be_texted(queries.contact_facts(record), now),
        "opted_out": record is not None and record.number is not None and has_opted_out(record.number),
        "receipt": lambda text: staff_words.receipt(text, now),
        "mark": lambda row: staff_words.mark(row, names),
        "may_be_taken_back": planned.may_be_taken_back,
        "kinds": staff_words.KINDS,
        "unsaid": staff_words.unsaid,
        "meanings": staff_words.MEANINGS,
        "wordings": staff_words.WORDINGS,
        "not_reached": NOT_REACHED,
        "press_form": PressForm(formdata=None, prefix=""),
    }


def _outlook(client: Client, record: SafeContact | None) -> Verdict:
    return composing.outlook(client, record, clock.now())


def _names(client: Client, entries: list[threads.Entry]) -> dict[int, str]:
    ids: set[int | None] = {client.keyworker_id}
    for entry in entries:
        if isinstance(entry.row, Text):
            ids.add(entry.row.written_by)
        elif isinstance(entry.row, ThreadMark):
            ids |= {entry.row.made_by, entry.row.from_id, entry.row.to_id}
        else:
            ids.add(getattr(entry.row, "staff_id", None))
    return first_names(ids)


def _batch_ids(entries: list[threads.Entry]) -> set[int]:
    return {entry.row.batch_id for entry in entries if isinstance(entry.row, Text) and entry.row.batch_id is not None}


def _language_note(client: Client, record: SafeContact | None) -> str:
    language = composing.her_language(client, record)
    known = LANGUAGES.get(language)
    if known is None or shown_in(language) == language:
        return ""
    return f"Her language is {known.latin}; texts go in English for now."
