"""Her topics: picking them, what matters most first, and one question a page; each can be skipped.

Addresses and forms name a topic by its number (R7).
"""

from collections.abc import Callable

from flask import redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clients.own_language import of_pages
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.plan import needs, ratings, topic_queries
from portal.plan.answer_forms import GoingForm, NeedForm, StrengthForm, TopicsForm
from portal.plan.answer_rules import Need
from portal.plan.pathways import HER_NAMES
from portal.plan.rules import Pathway, is_sensitive
from portal.plan.topic_queries import Topic, number_of
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import PortalForm
from portal.web.guards import actor, ask_passcode_again

own = AudienceBlueprint("plan_topics", __name__, Audience.CLIENT)


@own.get("/plan/topics")
def topics():
    """Pick what she wants to look at; sensitive topics only where she wants them, behind her passcode (R16, R41)."""
    client = current_user.record
    if "more" in request.args and client.sensitive_goals_online and not current_user.stepped_up:
        return ask_passcode_again()
    offered = topic_queries.offered_to(client, sensitive_open=current_user.stepped_up)
    found = topic_queries.topics(client.id)
    form = TopicsForm(data={"picked": [number_of(one) for one in topic_queries.order_of(found)]})
    form.offer(offered)
    return _topics_page(form, offered)


@own.post("/plan/topics")
def pick():
    """Keep what she ticked, out of what the page offered. Writing shows nothing, so it asks for no passcode."""
    client, form = current_user.record, TopicsForm()
    possible = topic_queries.offered_to(client, sensitive_open=True)
    asked = {number for number in form.asked.data.split(" ") if number} if form.asked.data else set()
    offered = [one for one in possible if str(number_of(one)) in asked]
    form.offer(offered)
    if form.validate():
        try:
            wanted = [one for one in offered if number_of(one) in (form.picked.data or [])]
            with unit_of_work():
                needs.pick(
                    actor(), client.id, wanted=wanted, offered=offered, request_key=form.request_key.data,
                    now=clock.now(),
                )  # fmt: skip
            return redirect("/plan/order", 303)
        except Invalid as refusal:
            form.refuse(refusal)
    return _topics_page(form, offered), 422


@own.get("/plan/order")
def order() -> str:
    """What matters most first."""
    shown = _shown()
    return render_template(
        "plan/order.html",
        topics=shown,
        names=HER_NAMES,
        number_of=number_of,
        begin=_unanswered(shown),
    )


@own.post("/plan/order/<int:number>")
def move_up(number: int) -> Response:
    """Put a topic one place higher."""
    pathway = topic_queries.own_pathway(current_user.record, number)
    with unit_of_work():
        needs.move_up(
            actor(), actor().id, pathway=pathway, shown=[topic.pathway for topic in _shown()], now=clock.now()
        )
    return redirect("/plan/order", 303)


@own.route("/plan/topics/<int:number>", methods=["GET", "POST"])
def need(number: int):
    """Whether she wants help with a topic; not to say is as good an answer as any."""
    pathway = topic_queries.own_pathway(current_user.record, number)
    known = _known(pathway)
    form = NeedForm(data={"need": known.answer.need if known else None})

    def save() -> None:
        needs.answer(
            actor(), actor().id, pathway=pathway, need=form.need.data or "", request_key=form.request_key.data,
            now=clock.now(),
        )  # fmt: skip

    return _question("plan/need.html", form, pathway, save, f"/plan/topics/{number}/good")


@own.route("/plan/topics/<int:number>/good", methods=["GET", "POST"])
def strength(number: int):
    """What is good already, in her own words."""
    pathway = topic_queries.own_pathway(current_user.record, number)
    known = _known(pathway)
    form = StrengthForm(data={"words": known.answer.strength if known else None})

    def save() -> None:
        needs.say_strength(
            actor(), actor().id, pathway=pathway, words=form.words.data or "", language=of_pages(current_user.record),
            request_key=form.request_key.data, now=clock.now(),
        )  # fmt: skip

    return _question("plan/good.html", form, pathway, save, f"/plan/topics/{number}/now")


@own.route("/plan/topics/<int:number>/now", methods=["GET", "POST"])
def going(number: int):
    """How a topic is going now, in words."""
    pathway = topic_queries.own_pathway(current_user.record, number)
    form = GoingForm()

    def save() -> None:
        ratings.rate(
            actor(), actor().id, pathway=pathway, score=form.score.data or 0, request_key=form.request_key.data,
            now=clock.now(),
        )  # fmt: skip

    return _question("plan/going.html", form, pathway, save, _after(pathway))


def _known(pathway: Pathway) -> Topic | None:
    """What she said before, to be shown in the question; a form that she sent holds only what it brought (R16)."""
    return topic_queries.topics(actor().id).get(pathway) if request.method == "GET" else None


def _question(template: str, form: PortalForm, pathway: Pathway, save: Callable[[], None], onward: str):
    """One question about a topic: shown, kept, and on to the next. A sensitive one is shown behind her passcode."""
    asks = is_sensitive(pathway) and not current_user.stepped_up
    if request.method == "GET" and asks:
        return ask_passcode_again()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                save()
            return redirect(onward, 303)
        except Invalid as refusal:
            form.refuse(refusal)
    page = render_template(template, form=form, name=None if asks else HER_NAMES[pathway], onward=onward)
    return (page, 422) if form.is_submitted() else page


def _topics_page(form: TopicsForm, offered: list[Pathway]) -> str:
    client = current_user.record
    return render_template(
        "plan/topics.html",
        form=form,
        offered=" ".join(str(number_of(one)) for one in offered),
        more=client.sensitive_goals_online and not any(is_sensitive(one) for one in offered),
    )


def _shown() -> list[Topic]:
    client = current_user.record
    found = topic_queries.topics(client.id)
    return topic_queries.shown_topics(client, found, sensitive_open=current_user.stepped_up)


def _unanswered(shown: list[Topic]) -> str:
    """Where the next question is: the first topic that she has not answered, else her plan."""
    waiting = [topic for topic in shown if topic.answer.need == Need.NOT_ASKED]
    return f"/plan/topics/{number_of(waiting[0].pathway)}" if waiting else "/plan"


def _after(pathway: Pathway) -> str:
    shown = _shown()
    places = [topic.pathway for topic in shown]
    return _unanswered(shown[places.index(pathway) + 1 :] if pathway in places else [])
