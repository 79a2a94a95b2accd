"""Kinds of appointment that most centres have, ready to be ticked: neutral names, lengths, buffers, room or not.

The names other than English were drafted as the catalogues were; a language shows them once its catalogue is ready.
"""

from typing import Any, NamedTuple

from portal.centres.models import Mode


class ReadyKind(NamedTuple):
    """A kind to tick; `key` names it in the form, `names` maps language codes to what women read. Minutes."""

    key: str
    names: dict[str, str]
    minutes: int
    buffer_after: int = 10
    mode: str = Mode.IN_PERSON
    own_keyworker_only: bool = False
    bookable_by_clients: bool = True
    counts: bool = True

    @property
    def facts(self) -> dict[str, Any]:
        """What `service.save_kind` wants to know of it, beside where it is offered."""
        return {
            "names": self.names,
            "bring": {},
            "mode": self.mode,
            "minutes": self.minutes,
            "buffer_before": 0,
            "buffer_after": self.buffer_after,
            "least_notice_minutes": 120,
            "furthest_days": 28,
            "change_until_minutes": 0,
            "cancel_until_minutes": 0,
            "needs_room": self.mode == Mode.IN_PERSON,
            "group": False,
            "own_keyworker_only": self.own_keyworker_only,
            "bookable_by_clients": self.bookable_by_clients,
            "one_at_a_time": True,
            "counts": self.counts,
            "archived": False,
        }


_LANGUAGES = ("en", "ar", "es", "pt", "fr", "bn", "so", "tr", "pl", "ro", "fa", "ti")


def _named(*names: str) -> dict[str, str]:
    return dict(zip(_LANGUAGES, names, strict=True))


READY_KINDS = (
    ReadyKind(
        "worker",
        _named(
            "Time with your worker", "وقت مع العاملة", "Tiempo con tu trabajadora", "Tempo com a sua técnica",
            "Un moment avec votre intervenante", "আপনার কর্মীর সাথে সময়", "Waqti aad la qaadato shaqaalahaaga",
            "Çalışanınızla görüşme", "Spotkanie z Twoją pracowniczką", "Timp cu lucrătoarea ta", "وقت با همکار ما",
            "ግዜ ምስ ሰራሕተኛኺ",
        ),
        50,
        own_keyworker_only=True,
    ),
    ReadyKind(
        "first",
        _named(
            "First meeting", "اللقاء الأول", "Primera reunión", "Primeiro encontro", "Premier rendez-vous", "প্রথম সাক্ষাৎ",
            "Kulanka koowaad", "İlk görüşme", "Pierwsze spotkanie", "Prima întâlnire", "اولین دیدار", "ናይ መጀመርታ ርክብ",
        ),
        60,
        bookable_by_clients=False,
    ),
    ReadyKind(
        "plan",
        _named(
            "Look at your plan", "مراجعة خطتك", "Revisar tu plan", "Ver o seu plano", "Faire le point sur votre plan",
            "আপনার পরিকল্পনা দেখা", "Eeg qorshahaaga", "Planınıza bakma", "Przegląd Twojego planu",
            "Revizuirea planului tău", "مرور برنامه شما", "መደብኪ ምርኣይ",
        ),
        50,
        own_keyworker_only=True,
    ),
    ReadyKind(
        "money",
        _named(
            "Money and letters", "المال والرسائل", "Dinero y cartas", "Dinheiro e cartas", "Argent et courrier",
            "টাকা ও চিঠি", "Lacag iyo warqado", "Para ve mektuplar", "Pieniądze i listy", "Bani și scrisori",
            "پول و نامه‌ها", "ገንዘብን ደብዳበታትን",
        ),
        30,
    ),
    ReadyKind(
        "home",
        _named(
            "A place to live", "مكان للسكن", "Un lugar donde vivir", "Um lugar para viver", "Un logement", "থাকার জায়গা",
            "Meel aad ku noolaato", "Kalacak bir yer", "Miejsce do życia", "Un loc de locuit", "جایی برای زندگی",
            "መንበሪ ቦታ",
        ),
        40,
    ),
    ReadyKind(
        "phone",
        _named(
            "A phone call", "مكالمة هاتفية", "Una llamada", "Uma chamada", "Un appel", "একটি ফোন কল",
            "Wicitaan taleefan", "Telefon görüşmesi", "Rozmowa telefoniczna", "Un apel telefonic",
            "یک تماس تلفنی", "ናይ ተሌፎን ርክብ",
        ),
        20,
        buffer_after=5,
        mode=Mode.PHONE,
        counts=False,
    ),
)  # fmt: skip
"""In the order in which they are shown."""
