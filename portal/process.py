"""What every process of the portal does first, whatever it is there for; nothing here loads Flask."""

from portal.core import crypto, database, logs, offering
from portal.core.settings import Settings
from portal.web import demo_clock


def connect(settings: Settings) -> None:
    """What is once for each process: its log, keys, database and clock."""
    logs.configure(settings.log_level)
    crypto.use(settings.keyring)
    database.connect(settings.database_url)
    offering.follow(every_language=settings.demo)
    demo_clock.follow(settings)


def register_texts() -> None:
    """Tell lower rooms what only higher ones know: what texts say and whether they are still wanted, for the diary the
    group sessions, and who is known at a desk."""
    from portal.accounts import text_codes
    from portal.booking import group_reading, texts
    from portal.booking.queries import known_at_desk
    from portal.clients import desk
    from portal.plan import reminding
    from portal.waiting import telling

    text_codes.register_texts()
    texts.register_texts()
    telling.register_texts()
    reminding.register_texts()
    group_reading.register(_sittings)
    desk.register(known_at_desk)


def _sittings(*asked):
    """Group sessions for board, diary and feed; their room is loaded when the first of them asks."""
    from portal.groups import desk

    return desk.sittings(*asked)
