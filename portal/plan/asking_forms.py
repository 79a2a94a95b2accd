"""The page on which a worker asks with her: a line for each pathway, empty where nothing new was said."""

from flask import request
from wtforms import SelectField
from wtforms.fields import SelectChoice

from portal.core.locales import LANGUAGES
from portal.plan.answer_rules import HER_NEEDS, SCORES, WORKER_NEEDS
from portal.plan.asking import Asked
from portal.plan.rules import LONGEST_WORDS, Pathway
from portal.plan.staff_words import MOMENTS, STAFF_GOING, STAFF_NEEDS
from portal.plan.topic_queries import number_of
from portal.web.forms import OnceForm

LINE_FIELDS = ("position", "need", "strength", "score", "view", "view_words", "seen")


class AskingForm(OnceForm):
    """When she was asked, and in which language her words are written; the lines are read by `read_lines`."""

    moment = SelectField("When", choices=[SelectChoice(value, words) for value, words in MOMENTS.items()])
    language = SelectField("Her words are written in")
    messages = {
        ("moment", "stale"): "She or a colleague answered the same meanwhile. Both are shown: look, and save again.",
        ("moment", "too_long"): f"Something is too long. Write at most {LONGEST_WORDS} letters in a box.",
        ("moment", "view"): "Say how you see the need before you write about it.",
        ("moment", "unknown"): "Choose from the lists.",
    }

    def offer_languages(self, hers: str) -> None:
        """Her own language first, then English."""
        self.language.choices = [SelectChoice(code, LANGUAGES[code].latin) for code in dict.fromkeys((hers, "en"))]


def read_lines() -> list[Asked]:
    """What was typed, line by line; what is no choice of ours comes as -1 or as it is, for the service to refuse."""
    return [
        Asked(
            pathway=str(pathway),
            position=_number(_typed("position", pathway), 9),
            need=_typed("need", pathway),
            strength=_typed("strength", pathway),
            score=_number(_typed("score", pathway), 5),
            view=_typed("view", pathway),
            view_words=_typed("view_words", pathway),
            seen=_typed("seen", pathway),
        )
        for pathway in Pathway
    ]


def field_name(name: str, pathway: str) -> str:
    """What a field of a pathway's line is called: by number, as on her pages (R7)."""
    return f"{name}-{number_of(pathway)}"


CHOICES = {
    "need": {str(need): STAFF_NEEDS[need] for need in HER_NEEDS},
    "score": {str(score): STAFF_GOING[score] for score in SCORES},
    "view": {str(need): STAFF_NEEDS[need] for need in WORKER_NEEDS},
}


def _typed(name: str, pathway: str) -> str:
    return request.form.get(field_name(name, pathway), "").strip()


def _number(typed: str, most: int) -> int | None:
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdigit() and 1 <= int(typed[:4]) <= most else -1
