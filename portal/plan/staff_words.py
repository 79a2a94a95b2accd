"""The names of the pathways in the field's own words, and what answers are called, for staff.

SERVICE_CATEGORIES puts each into one of the eight categories of the Ministry of Justice's commissioned rehabilitative
services, as its Probation Services dynamic framework names them ("Commissioned Rehabilitative Services", HMPPS, 2021:
accommodation; education, training and employment; finance, benefit and debt; dependency and recovery; emotional
wellbeing; family and significant others; lifestyle and associates; social inclusion). The nine pathways are those of
the female offender strategy's service specifications; the two that it added, abuse and sex work, have no category of
their own there: reports count them under emotional wellbeing and under lifestyle and associates.
"""

from portal.plan.answer_rules import Answer, Decided, HeldWith, Moment, Need, ReviewKind
from portal.plan.rules import Pathway

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

SERVICE_CATEGORIES: dict[str, str] = {
    Pathway.ACCOMMODATION: "Accommodation",
    Pathway.WORK: "Education, training and employment",
    Pathway.HEALTH: "Emotional wellbeing",
    Pathway.DRUGS_ALCOHOL: "Dependency and recovery",
    Pathway.MONEY: "Finance, benefit and debt",
    Pathway.FAMILY: "Family and significant others",
    Pathway.THINKING: "Social inclusion",
    Pathway.ABUSE: "Emotional wellbeing",
    Pathway.SEX_WORK: "Lifestyle and associates",
}
"""The category of each pathway, for reports (see the top of this file)."""

STAFF_NEEDS: dict[str, str] = {
    Need.NONE: "None",
    Need.SOME: "Some",
    Need.HIGH: "High",
    Need.NOT_ASKED: "Not asked",
    Need.NOT_FOR_ME: "Not for her",
    Need.RATHER_NOT_SAY: "Would rather not say",
}

STAFF_GOING: dict[int, str] = {
    1: "1 very hard now",
    2: "2 hard",
    3: "3 some days hard, some days OK",
    4: "4 getting better",
    5: "5 going well",
}

STAFF_ANSWERS: dict[str, str] = {Answer.YES: "Yes", Answer.PARTLY: "Partly", Answer.NOT_YET: "Not yet"}

MOMENTS: dict[str, str] = {Moment.START: "At the start", Moment.REVIEW: "At a review", Moment.END: "At the end"}

REVIEW_KINDS: dict[str, str] = {
    ReviewKind.FIRST: "First review",
    ReviewKind.NEXT: "Review",
    ReviewKind.END: "Last review",
}

HELD_WITH: dict[str, str] = {
    HeldWith.IN_PERSON: "With her, in person",
    HeldWith.PHONE: "With her, on the phone",
    HeldWith.VIDEO: "With her, by video",
    HeldWith.WITHOUT_HER: "Without her",
}

DECIDED: dict[str, str] = {
    Decided.CARRY_ON: "Carry on as it is",
    Decided.CHANGE: "Change the plan together",
    Decided.CLOSE: "The plan is finished",
}
