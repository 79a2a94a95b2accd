"""Forms of the desk about groups: a new course, its places, one more date, another time or worker, why it ends."""

from wtforms import BooleanField, DateField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange

from portal.groups.rules import MOST_PLACES, MOST_SESSIONS, MOST_WEEKS_APART
from portal.web.forms import OnceForm, one_line


def _number(label: str, most: int) -> IntegerField:
    words = f"Give a whole number from 1 to {most}."
    return IntegerField(label, validators=[InputRequired(words), NumberRange(1, most, words)])


class CourseForm(OnceForm):
    """What a course is to be, and when it would meet."""

    kind = SelectField("Group", validate_choice=False)
    centre = SelectField("Centre", validate_choice=False)
    worker = SelectField("Who holds it", validate_choice=False)
    room = SelectField("Room", validate_choice=False)
    places = _number("Places", MOST_PLACES)
    first_on = DateField("First day", validators=[InputRequired("Give a date.")])
    local_at = TimeField("Time", validators=[InputRequired("Give a time.")])
    every_weeks = _number("Every how many weeks", MOST_WEEKS_APART)
    times = _number("How many times", MOST_SESSIONS)
    join_late = BooleanField("Women may join after the first time")
    messages = {
        ("kind", "unknown"): "That centre does not offer this group.",
        ("worker", "unknown"): "She does not work at that centre.",
        ("room", "unknown"): "That room is not at that centre.",
        ("room", "missing"): "This group needs a room.",
        ("first_on", "range"): "Choose a day to come, within a year.",
        ("first_on", "none"): "None of these dates can be had. Choose another day, time, worker or room.",
        ("request_key", "missing"): "Press the button again.",
    }


class PlacesForm(OnceForm):
    """How many places a course has, and whether it can be joined late."""

    places = _number("Places", MOST_PLACES)
    join_late = BooleanField("Women may join after the first time")


class DateForm(OnceForm):
    """A day and a time."""

    first_on = DateField("Day", validators=[InputRequired("Give a date.")])
    local_at = TimeField("Time", validators=[InputRequired("Give a time.")])
    messages = {
        ("first_on", "past"): "That time has passed. Choose another.",
        ("first_on", "closed"): "The centre is closed then. Choose another day.",
        ("first_on", "taken"): "The worker or the room is taken then, or she does not work. Choose another time.",
        ("first_on", "begun"): "It has begun, or somebody is there already.",
        ("first_on", "changed"): "Somebody changed this group at the same moment. Look again, then press again.",
    }


class GiveForm(OnceForm):
    """Who holds one session, and where."""

    worker = SelectField("Who holds it", validate_choice=False)
    room = SelectField("Room", validate_choice=False)
    messages = {
        ("worker", "taken"): "She is taken or does not work then, or the room is taken.",
        ("worker", "begun"): "It has begun, or somebody is there already.",
        ("worker", "changed"): "Somebody changed this group at the same moment. Look again, then press again.",
        ("room", "unknown"): "That room is not at this centre.",
    }


class ReasonForm(OnceForm):
    """Why staff end or cancel something."""

    reason = one_line("Why?", longest=200)
    messages = {
        ("reason", "missing"): "Say why. It stays in the record.",
        ("reason", "begun"): "It has begun, or somebody is there already.",
        ("reason", "changed"): "Somebody changed this group at the same moment. Look again, then press again.",
        ("reason", "gone"): "She has no place in this group any more.",
    }
