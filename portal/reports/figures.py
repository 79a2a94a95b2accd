"""Every figure of the quarterly page with the one sentence that defines it: page, dictionary and docs share them."""

from typing import NamedTuple

from portal.plan.rules import Pathway
from portal.plan.staff_words import SERVICE_CATEGORIES, STAFF_NAMES
from portal.reports.hiding import Breakdown, Family


class Figure(NamedTuple):
    """One figure: its code, how a page names it, and what it counts, in one sentence."""

    code: str
    label: str
    definition: str


class Part(NamedTuple):
    """A breakdown with its figures in words. `of`: the (part, figure) that it divides, None for the section's base."""

    code: str
    label: str
    figures: tuple[Figure, ...]
    of: tuple[str, str] | None = None
    zero_shown: bool = True

    @property
    def breakdown(self) -> Breakdown:
        """What `hiding` needs of it."""
        return Breakdown(self.code, tuple(figure.code for figure in self.figures), self.of, self.zero_shown)


class Section(NamedTuple):
    """One subject of the page: what is counted (`unit`), how many there are at all (`base`), and its parts.

    `by_pathway`: its parts are the same for each pathway, so the page shows them as one table of pathways.
    """

    code: str
    title: str
    unit: str
    base: Figure
    parts: tuple[Part, ...]
    by_pathway: bool = False

    @property
    def family(self) -> Family:
        """What `hiding` needs of it."""
        return Family(self.code, tuple(part.breakdown for part in self.parts))


F = Figure

REFERRALS = Section(
    "referrals",
    "Referrals",
    "women",
    F("all", "Referred", "Women with a referral dated in the quarter; one made twice, or of joined records, "
      "counts once."),
    (
        Part("decided", "Answer", (
            F("accepted", "Accepted", "Women referred in the quarter whose referral was accepted."),
            F("declined", "Declined", "Women referred in the quarter whose referral was declined."),
            F("waiting", "No answer yet", "Women referred in the quarter whose referral had no answer yet."),
        )),
        Part("contact", "First contact", (
            F("in_target", "Contacted within target", "Women accepted who were first contacted by the end of the "
              "target, which in custody begins on the day of release."),
            F("later", "Contacted later", "Women accepted who were first contacted after the end of the target."),
            F("not_yet", "Not contacted yet", "Women accepted of whom no first contact was recorded."),
        ), ("decided", "accepted")),
        Part("first", "First appointment", (
            F("kept", "First appointment kept", "Women accepted who came, on time or late, to the first appointment "
              "that stood after the referral."),
            F("offered", "First appointment offered, not kept", "Women accepted for whom an appointment was made, who "
              "did not come to the first, or for whom it is still to come or was cancelled."),
            F("not_offered", "No appointment offered yet", "Women accepted for whom no appointment was made."),
        ), ("decided", "accepted")),
    ),
)  # fmt: skip

MEDIAN = F("median_days", "Half contacted within (days)", "The least number of London days from the referral, or the "
           "release where that was later, within which half of the women contacted were first contacted; of 10 women "
           "or more.")  # fmt: skip


def _needs(pathway: str, name: str) -> tuple[Part, Part]:
    return (
        Part(f"need_{pathway}", name, (
            F("need", "Some or high need", f"Women asked who said of {name} that there is some or a high need."),
            F("none", "No need", f"Women asked who said of {name} that there is no need."),
            F("unsaid", "Not said", f"Women asked who did not choose {name}, were not asked, or would rather not say."),
        ), None, False),
        Part(f"size_{pathway}", f"{name}: how much", (
            F("high", "High need", f"Women asked who said of {name} that there is a high need."),
            F("some", "Some need", f"Women asked who said of {name} that there is some need."),
        ), (f"need_{pathway}", "need"), False),
    )  # fmt: skip


def _distance(pathway: str, name: str) -> tuple[Part, Part]:
    return (
        Part(f"ends_{pathway}", name, (
            F("both", "Both ends", f"Women who said at the start and in the quarter at the end how {name} was going."),
            F("one_end", "Not both ends", f"Women who said at the end how something was going, but not at both ends of "
              f"{name}."),
        )),
        Part(f"way_{pathway}", f"{name}: from start to end", (
            F("further", "Further on", f"Women with both ends whose own answer about {name} was higher at the end."),
            F("same", "The same", f"Women with both ends whose own answer about {name} was the same at both."),
            F("harder", "Harder now", f"Women with both ends whose own answer about {name} was lower at the end."),
        ), (f"ends_{pathway}", "both"), False),
    )  # fmt: skip


_NAMES = [(pathway.value, STAFF_NAMES[pathway]) for pathway in Pathway]

NEEDS = Section(
    "needs",
    "Needs at the start",
    "women",
    F("all", "Asked", "Women whose first answer about needs at the start was given in the quarter."),
    tuple(part for pathway, name in _NAMES for part in _needs(pathway, name)),
    by_pathway=True,
)

AGREEMENT = Section(
    "agreement",
    "Plans agreed",
    "women",
    F("all", "Answered", "Women who answered in the quarter whether they agree with their plan; the newest "
      "answer counts."),
    (
        Part("answer", "Her answer", (
            F("yes", "Yes", "Women whose newest answer in the quarter was yes."),
            F("partly", "Partly", "Women whose newest answer in the quarter was partly."),
            F("not_yet", "Not yet", "Women whose newest answer in the quarter was not yet."),
        )),
    ),
)  # fmt: skip

SESSIONS = Section(
    "sessions",
    "Sessions",
    "sessions",
    F("all", "Due", "Appointments that stood and began in the quarter, at the centre where they were held."),
    (
        Part("session", "What became of them", (
            F("held", "Held", "Sessions due that happened; where no outcome was recorded, to which she came."),
            F("missed", "Did not happen", "Sessions due that did not happen, for whatever reason."),
            F("not_written", "Not written up", "Sessions due of which nobody recorded what became."),
        )),
        Part("reason", "Why they did not happen", (
            F("service", "The service's reason", "Sessions that did not happen because of the service, those without a "
              "reminder that reached her among them."),
            F("hers_acceptable", "Hers, acceptable", "Sessions that did not happen for a reason of hers that was "
              "acceptable."),
            F("safety", "Safety", "Sessions that did not happen for her safety."),
            F("hers_not", "Hers, other", "Sessions that did not happen for another reason of hers."),
            F("no_reason", "No reason recorded", "Sessions that did not happen of which nobody recorded why."),
        ), ("session", "missed")),
    ),
)  # fmt: skip

CONDITIONS = Section(
    "conditions",
    "Conditions",
    "conditions",
    F("all", "Due", "Conditions whose day, as last varied, lay in the quarter, but of declined referrals."),
    (
        Part("condition", "How they ended", (
            F("met", "Met", "Conditions due with enough sessions attended or excused by their day."),
            F("open", "Not settled", "Conditions due with too few sessions, of which nobody reported anything else."),
            F("not_met", "Reported as not met", "Conditions due that one person reported as not met and a second "
              "confirmed."),
            F("withdrawn", "Withdrawn", "Conditions due that were withdrawn."),
        )),
    ),
)  # fmt: skip

DISTANCE = Section(
    "distance",
    "Distance travelled",
    "women",
    F("all", "Said at the end", "Women who said in the quarter how things were going at the end, on any pathway."),
    tuple(part for pathway, name in _NAMES for part in _distance(pathway, name)),
    by_pathway=True,
)

CLOSED = Section(
    "closed",
    "Records closed",
    "women",
    F("all", "Closed", "Women whose record was closed in the quarter and not opened again in it; not those whose "
      "referral was declined, nor records made by mistake."),
    (
        Part("closed", "Why", (
            F("completed", "Support completed", "Women closed because the support was completed."),
            F("her_wish", "Her wish", "Women closed because they wished it."),
            F("other_support", "Other support", "Women closed because another service supports them."),
            F("moved_away", "Moved away", "Women closed because they moved away."),
            F("lost_touch", "Lost touch", "Women closed because nobody could reach them any more."),
            F("sender_ended", "Ended by the referrer", "Women closed because the referrer ended it."),
            F("other", "Other", "Women closed for any other reason."),
        ), None, False),
    ),
)  # fmt: skip

SECTIONS = (REFERRALS, NEEDS, AGREEMENT, SESSIONS, CONDITIONS, DISTANCE, CLOSED)

CATEGORY = F("category", "Some or high need, by service category", "Some and high needs of the women asked, added up "
             "over the pathways of one of the eight service categories of the Ministry of Justice; a woman with needs "
             "on two of its pathways counts twice, and it is hidden where one of them is.")  # fmt: skip

CATEGORIES: dict[str, tuple[str, ...]] = {
    name: tuple(pathway.value for pathway in Pathway if SERVICE_CATEGORIES[pathway] == name)
    for name in sorted(set(SERVICE_CATEGORIES.values()))
}
"""The pathways of each service category."""

SOURCES = {
    "police": "Police",
    "liaison_diversion": "Liaison and diversion",
    "prison": "Prison",
    "council": "Council",
    "probation": "Probation",
    "herself": "Herself",
    "other": "Other",
    "none": "No referral recorded",
}


def section_named(code: str) -> Section:
    """The section with a code."""
    return next(section for section in SECTIONS if section.code == code)
