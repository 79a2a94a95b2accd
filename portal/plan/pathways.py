"""The names of the pathways, plain and neutral for women (R7), and what her answers are called."""

from flask_babel import lazy_gettext as _l

from portal.plan.answer_rules import Answer, Need
from portal.plan.rules import Pathway

HER_NAMES = {
    Pathway.ACCOMMODATION: _l("A place to live"),
    Pathway.WORK: _l("Work and learning"),
    Pathway.HEALTH: _l("Health"),
    Pathway.DRUGS_ALCOHOL: _l("Cutting down"),
    Pathway.MONEY: _l("Money"),
    Pathway.FAMILY: _l("Children and family"),
    Pathway.THINKING: _l("Thinking things through"),
    Pathway.ABUSE: _l("People close to you"),
    Pathway.SEX_WORK: _l("Ways to earn"),
}

HER_NEEDS = {
    Need.NONE: _l("I do not need help with this"),
    Need.SOME: _l("I need some help"),
    Need.HIGH: _l("I need a lot of help"),
    Need.NOT_FOR_ME: _l("This is not for me"),
    Need.RATHER_NOT_SAY: _l("I would rather not say"),
}
"""What she can answer, in her words."""

GOING = {
    1: _l("Very hard now"),
    2: _l("Hard"),
    3: _l("Some days hard, some days OK"),
    4: _l("Getting better"),
    5: _l("Going well"),
}
"""The anchors of how it is going, in words: a page never shows the number."""

HER_ANSWERS = {
    Answer.YES: _l("Yes, I agree"),
    Answer.PARTLY: _l("I agree with part of it"),
    Answer.NOT_YET: _l("Not yet"),
}
"""What she can say to a plan."""
