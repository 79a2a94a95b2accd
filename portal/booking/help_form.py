"""The form of practical help: what an appointment needs so that she can come."""

from typing import Any

from wtforms import BooleanField, IntegerField, SelectField

from portal.booking.practical import BY_WORKER
from portal.booking.preparing import Needed
from portal.core.locales import LANGUAGES
from portal.web.forms import PortalForm, to_choose

_INTERPRETERS = [("", "Not needed"), ("needed", "Not booked yet"), ("booked", "Booked")]


class HelpForm(PortalForm):
    """What makes it possible for her to come."""

    childcare_places = IntegerField("Childcare places", default=0)
    without_place = BooleanField("Go on without: childcare is still to solve")
    fare = SelectField("Fare", choices=to_choose([("", "Not needed"), ("needed", "To give"), ("given", "Given")]))
    interpreter = SelectField("Interpreter", choices=to_choose(_INTERPRETERS))
    interpreter_is_woman = BooleanField("I asked: the interpreter is a woman")
    companion = BooleanField("Somebody comes with her")
    messages = {
        ("childcare_places", "range"): "Write a number from 0 to 9.",
        (
            "childcare_places",
            "full",
        ): "The crèche has not so many places free then. Choose another time, write "
        "fewer, or tick below that childcare is still to solve.",
        ("childcare_places", "closed"): "There is no crèche for all of that time. Choose another time, or tick below "
        "that childcare is still to solve.",
        ("interpreter", "not_a_woman"): "Only a woman may interpret for her. Ask, and tick that it is a woman.",
    }

    def ask_before_worker(self, language: str | None) -> None:
        """Offer, as long as nobody knows who will see her, an interpreter only if that worker lacks her language."""
        if language is not None:
            words = f"Only if the worker does not speak {LANGUAGES[language].latin}"
            self.interpreter.choices = to_choose([(BY_WORKER, words), *_INTERPRETERS])

    @property
    def said(self) -> dict[str, Any]:
        """The answers as `practical.set_help` takes them."""
        return {
            "childcare_places": self.childcare_places.data or 0,
            "without_place": bool(self.without_place.data),
            "fare": self.fare.data or "",
            "interpreter": self.interpreter.data or "",
            "interpreter_is_woman": bool(self.interpreter_is_woman.data),
            "companion": bool(self.companion.data),
        }


def proposed(wanted: Needed, *, interpreter: str = "needed") -> dict[str, Any]:
    """What her record says, as the form begins; `interpreter` is the answer where one is needed."""
    return {
        "childcare_places": wanted.places,
        "fare": "needed" if wanted.fare else "",
        "interpreter": "" if wanted.interpreter is None else interpreter,
    }
