"""Forms of what she answers on her own pages: topics, needs, strengths, how it is going, and her answer to a plan."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.fields import SelectChoice

from portal.plan.answer_rules import MOST_TO_BEGIN
from portal.plan.pathways import GOING, HER_ANSWERS, HER_NAMES, HER_NEEDS
from portal.plan.rules import LONGEST_WORDS, Pathway
from portal.plan.topic_queries import number_of
from portal.web.forms import OnceForm, PortalForm, free_text

_CHOOSE = _l("Choose one, or skip this question.")


class TopicsForm(OnceForm):
    """Which topics she wants to look at. `asked` names those that the page offered: the others stay as they are."""

    picked = SelectMultipleField(_l("What do you want to look at?"), coerce=int)
    asked = HiddenField()
    messages = {
        ("picked", "too_many"): _l("Pick 3 or fewer to begin. You can add more later.", max=MOST_TO_BEGIN),
    }

    def offer(self, pathways: Iterable[Pathway]) -> None:
        """Let her choose among these."""
        self.picked.choices = [SelectChoice(number_of(one), HER_NAMES[one]) for one in pathways]


class NeedForm(OnceForm):
    """What she needs with one topic."""

    need = RadioField(
        _l("Do you want help with this?"),
        choices=[SelectChoice(str(value), words) for value, words in HER_NEEDS.items()],
        validate_choice=False,
    )
    messages = {("need", "missing"): _CHOOSE}


class StrengthForm(OnceForm):
    """What she is good at already."""

    words = free_text(_l("What is good already? What can you do?"), LONGEST_WORDS)
    messages = {("words", "too_long"): _l("That is too long. Write at most %(max)d letters.", max=LONGEST_WORDS)}


class GoingForm(OnceForm):
    """How a topic is going."""

    score = RadioField(
        _l("How is this now?"),
        choices=[SelectChoice(value, words) for value, words in GOING.items()],
        coerce=lambda value: int(value) if str(value).isdecimal() else 0,
        validate_choice=False,
    )
    messages = {("score", "missing"): _CHOOSE}


class AnswerForm(PortalForm):
    """Her answer to the plan that was shared with her."""

    version = HiddenField()
    answer = RadioField(
        _l("Do you agree with this plan?"),
        choices=[SelectChoice(str(value), words) for value, words in HER_ANSWERS.items()],
        validate_choice=False,
    )
    words = free_text(_l("What do you want to say about it?"), LONGEST_WORDS)
    messages = {
        ("answer", "missing"): _l("Choose one."),
        ("answer", "changed"): _l("Your plan changed just now. Read it again. Your words are still here."),
        ("words", "too_long"): _l("That is too long. Write at most %(max)d letters.", max=LONGEST_WORDS),
    }
