"""The demo's duty rota: working hours with three people in turn, one evening, and the rest of the week as gaps."""

from datetime import time

from portal.core import crypto
from portal.core.database import session
from portal.staff.models import Staff
from portal.staff.rota_models import DutyShift

IN_THE_DAY = (("Jo", "Ana", "Frances"), ("Ana", "Tess", "Jo"), ("Leila", "Jo", "Ana"), ("Tess", "Miriam", "Frances"),
              ("Miriam", "Leila", "Tess"))  # fmt: skip
"""Who is called first, second and third from Monday to Friday, 9 to 5."""
IN_THE_EVENING = {0: "Hodan", 1: "Elif", 2: "Priya", 3: "Hodan"}
"""Who is called from 5 to 8."""
PHONES = {"Jo": 901, "Ana": 902, "Frances": 903, "Tess": 904, "Leila": 905, "Miriam": 906, "Hodan": 907, "Elif": 908}
"""Ends of the made-up duty phones (R40); Priya has none, so that the page shows what is missing."""


def load(staff: dict[str, Staff]) -> None:
    """Put the demo's staff on the rota and give them duty phones."""
    for name, end in PHONES.items():
        number = f"+447700900{end}"
        staff[name].duty_number = number
        staff[name].duty_number_index = crypto.keyring().index("phone", number)
    for day, names in enumerate(IN_THE_DAY):
        for position, name in enumerate(names, 1):
            _shift(staff[name], day, time(9), time(17), position)
    for day, name in IN_THE_EVENING.items():
        _shift(staff[name], day, time(17), time(20), 1)
    session.flush()


def _shift(person: Staff, day: int, begins: time, until: time, position: int) -> None:
    session.add(DutyShift(staff_id=person.id, weekday=day, local_from=begins, local_until=until, position=position))
