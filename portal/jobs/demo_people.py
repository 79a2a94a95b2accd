"""The made-up people of the demo: no real person, numbers from Ofcom's ranges for drama only (R40)."""

import hashlib
from base64 import b32encode
from dataclasses import dataclass

CENTRES = (
    ("Example House", "Camden", "The green door beside the library. Ring the bell.", "020 7946 0101"),
    ("Sample Yard", "Islington", "Through the arch, then the second door on the left.", "020 7946 0102"),
    ("Lantern Rooms", "Lambeth", "Above the bakery. There is a lift.", "020 7946 0103"),
    ("Harbour Hall", "Southwark", "The white door. Step-free from the side street.", "020 7946 0104"),
)

KINDS = (
    (
        {
            "en": "Time with your worker", "es": "Un rato con tu orientadora", "pt": "Tempo com a sua orientadora",
            "fr": "Un moment avec votre conseillère", "ar": "وقت مع العاملة", "bn": "আপনার কর্মীর সাথে সময়",
            "so": "Waqti aad la qaadato shaqaalahaaga", "tr": "Danışmanınızla görüşme",
            "pl": "Czas z twoją doradczynią", "ro": "Timp cu consiliera ta", "fa": "وقت با مشاور شما",
            "ti": "ግዜ ምስ ሓጋዚትኪ",
        },
        50,
        False,
    ),
    (
        {
            "en": "Money and letters", "es": "Dinero y cartas", "pt": "Dinheiro e cartas", "fr": "Argent et courrier",
            "ar": "المال والرسائل", "bn": "টাকা ও চিঠি", "so": "Lacag iyo warqado", "tr": "Para ve mektuplar",
            "pl": "Pieniądze i listy", "ro": "Bani și scrisori", "fa": "پول و نامه‌ها", "ti": "ገንዘብን ደብዳበታትን",
        },
        30,
        False,
    ),
    (
        {
            "en": "A place to live", "es": "Un lugar donde vivir", "pt": "Um lugar para viver", "fr": "Un logement",
            "ar": "مكان للسكن", "bn": "থাকার জায়গা", "so": "Meel lagu noolaado", "tr": "Yaşayacak bir yer",
            "pl": "Miejsce do mieszkania", "ro": "Un loc de locuit", "fa": "جایی برای زندگی", "ti": "መንበሪ ቦታ",
        },
        40,
        False,
    ),
    (
        {
            "en": "Look at your plan", "es": "Ver tu plan", "pt": "Ver o seu plano", "fr": "Regarder votre plan",
            "ar": "مراجعة خطتك", "bn": "আপনার পরিকল্পনা দেখা", "so": "Eeg qorshahaaga", "tr": "Planınıza bakma",
            "pl": "Przegląd twojego planu", "ro": "Ne uităm la planul tău", "fa": "نگاهی به برنامه شما",
            "ti": "መደብኪ ምርኣይ",
        },
        50,
        False,
    ),
    (
        {
            "en": "Tuesday group", "es": "Grupo del martes", "pt": "Grupo de terça-feira", "fr": "Groupe du mardi",
            "ar": "مجموعة الثلاثاء", "bn": "মঙ্গলবারের গ্রুপ", "so": "Kooxda Talaadada", "tr": "Salı grubu",
            "pl": "Grupa wtorkowa", "ro": "Grupul de marți", "fa": "گروه سه‌شنبه", "ti": "ናይ ሰሉስ ጉጅለ",
        },
        90,
        True,
    ),
)  # fmt: skip
"""What women come for: name by language, minutes, and whether it is a group."""

BRING = {
    "Money and letters": {
        "en": "The letters that you have.", "es": "Las cartas que tengas.", "pt": "As cartas que tiver.",
        "fr": "Les lettres que vous avez.", "ar": "الرسائل الورقية التي عندك.", "bn": "আপনার কাছে যে চিঠি আছে।",
        "so": "Warqadaha aad haysato.", "tr": "Elinizdeki mektuplar.", "pl": "Listy, które masz.",
        "ro": "Scrisorile pe care le ai.", "fa": "نامه‌هایی که دارید.", "ti": "ዘለዉኺ ደብዳበታት።",
    },
}  # fmt: skip
"""What to bring, by English name of the kind and by language."""


@dataclass(frozen=True)
class MadeUpStaff:
    """A member of staff; `centre` is the number of her centre, or None for all of them."""

    first_name: str
    role: str
    centre: int | None
    languages: tuple[str, ...] = ("en",)

    @property
    def email(self) -> str:
        """Her e-mail address, which nobody can receive."""
        return f"{self.first_name.lower()}@example.org"

    @property
    def password(self) -> str:
        """Her password, known to everybody."""
        return f"calm river {self.first_name[::-1].lower()} 27"

    @property
    def totp_secret(self) -> str:
        """Her second factor, known to everybody."""
        return b32encode(hashlib.sha256(self.email.encode()).digest()[:20]).decode()


STAFF = (
    MadeUpStaff("Jo", "keyworker", 0),
    MadeUpStaff("Priya", "keyworker", 0, ("en", "bn")),
    MadeUpStaff("Sam", "receptionist", 0),
    MadeUpStaff("Ana", "keyworker", 1, ("en", "es", "pt")),
    MadeUpStaff("Leila", "keyworker", 1, ("en", "ar")),
    MadeUpStaff("Robin", "receptionist", 1),
    MadeUpStaff("Miriam", "keyworker", 2),
    MadeUpStaff("Hodan", "keyworker", 2, ("en", "so")),
    MadeUpStaff("Chris", "receptionist", 2),
    MadeUpStaff("Tess", "keyworker", 3),
    MadeUpStaff("Elif", "keyworker", 3, ("en", "tr")),
    MadeUpStaff("Kim", "receptionist", 3),
    MadeUpStaff("Frances", "manager", None),
    MadeUpStaff("Alex", "admin", None),
    MadeUpStaff("Dana", "referrer", None),
)


@dataclass(frozen=True)
class MadeUpWoman:
    """A woman; `contact` is live, expired or none, `plan` the state of her plan or empty."""

    code_name: str
    called_name: str
    language: str
    keyworker: str
    contact: str
    wording: str
    plan: str
    needs: dict[str, str] | None = None

    @property
    def number(self) -> int:
        """Her place in the list, from 1."""
        return WOMEN.index(self) + 1

    @property
    def passcode(self) -> str:
        """Her passcode, known to everybody."""
        return f"{(self.number * 7919 + 204863) % 1000000:06}"

    @property
    def phone(self) -> str:
        """Her phone, from the drama range."""
        return f"+447700900{100 + self.number:03}"

    @property
    def markers(self) -> dict[str, list[str]]:
        """Unlikely strings that stand in her records, so that a check can look for leaks."""
        return {
            "name": [self.called_name],
            "plan": [f"lanternwick{self.number:02}", f"thistledown{self.number:02}"] if self.plan else [],
            "message": [f"quillfeather{self.number:02}"],
            "risk": [f"harrowmere{self.number:02}"],
            "offence": [f"brambleknot{self.number:02}"],
        }


WOMEN = (
    MadeUpWoman("Blue Heron 42", "Maybelline", "en", "Jo", "live", "plain", "agreed", {"access": "Step-free"}),
    MadeUpWoman("Green Kettle 17", "Rosamunde", "en", "Jo", "live", "short", "shared"),
    MadeUpWoman("قمر أزرق 23", "أملفين", "ar", "Priya", "live", "plain", "agreed", {"interpreter": "Arabic"}),
    MadeUpWoman("নীল পাখি 58", "নাসরীনা", "bn", "Priya", "live", "cover", "draft"),
    MadeUpWoman("Silver Maple 31", "Deecombe", "en", "Ana", "live", "cover", "under_review"),
    MadeUpWoman("Cielo Verde 64", "Marisolda", "es", "Ana", "live", "plain", "agreed", {"childcare": "1 child"}),
    MadeUpWoman("نجمة هادئة 71", "ياسمينور", "ar", "Leila", "live", "short", "shared", {"interpreter": "Arabic"}),
    MadeUpWoman("Quiet Harbour 12", "Gracelorn", "en", "Leila", "expired", "plain", "agreed"),
    MadeUpWoman("Copper Lane 85", "Tamsinette", "en", "Miriam", "live", "plain", "closed"),
    MadeUpWoman("Winter Pear 39", "Josephira", "en", "Miriam", "none", "plain", "draft"),
    MadeUpWoman("Xiddig Cagaar 26", "Hodanessa", "so", "Hodan", "live", "plain", "agreed", {"interpreter": "Somali"}),
    MadeUpWoman("Cedar Window 93", "Beatrixa", "en", "Hodan", "live", "plain", ""),
    MadeUpWoman("Mavi Kapi 48", "Elifsune", "tr", "Tess", "live", "short", "shared"),
    MadeUpWoman("Cichy Las 77", "Zofialine", "pl", "Tess", "live", "plain", "agreed"),
    MadeUpWoman("Amber Field 54", "Wilhelmine", "en", "Elif", "expired", "cover", "under_review"),
    MadeUpWoman("Rio Manso 19", "Luanara", "pt", "Elif", "live", "plain", "agreed", {"childcare": "2 children"}),
)
