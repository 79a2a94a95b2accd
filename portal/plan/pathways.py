"""The names of the pathways: plain and neutral for women (R7), the field's own for staff."""

from flask_babel import lazy_gettext as _l

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

STAFF_NAMES: dict[str, str] = {
    Pathway.ACCOMMODATION: "Accommodation",
    Pathway.WORK: "Education, training and work",
    Pathway.HEALTH: "Health, physical and mental",
    Pathway.DRUGS_ALCOHOL: "Drugs and alcohol",
    Pathway.MONEY: "Money, benefits and debt",
    Pathway.FAMILY: "Children, family and relationships",
    Pathway.THINKING: "Attitudes, thinking and behaviour",
    Pathway.ABUSE: "Abuse and violence",
    Pathway.SEX_WORK: "Sex work",
}
