"""Code names to offer: two plain words and a number that say nothing about her, in the scripts that have words here."""

import secrets

from portal.clients.queries import client_by_code_name
from portal.clients.rules import code_name_fault

_LISTED = {
    "en": (
        "Amber Apple Autumn Basket Beach Bell Bird Blue Bridge Bright Button Candle Cedar Cherry Cloud Clover Copper "
        "Coral Daisy Deer Early Feather Fern Field Forest Fox Garden Gentle Gold Green Hazel Heron Hill Honey Island "
        "Ivory Kettle Lake Lemon Linen Little Maple Meadow Mint Morning Mountain Olive Orange Otter Paper Peach Pear "
        "Pebble Piano Pine Plum Purple Quiet River Robin Rose Sail Sea Silver Sky Spring Star Stone Summer Sunny Swan "
        "Teapot Tulip Velvet Violet Walnut Water Willow Winter Wood Yellow"
    ),
    "ar": (
        "أرز بحر برتقال بستان بلبل تفاح تين جبل جسر جوز حديقة حقل خوخ ربيع رمان ريحان زهرة زيتون سحاب سفينة سماء شاطئ "
        "شجرة شراع شمس صباح صنوبر طائر عنب غابة غزال غيمة فراشة قطن قمر لؤلؤ ليمون مطر موج نافذة "
        "نجمة نخلة نسيم نعناع نهر ورد"
    ),
}
WORDS = {language: listed.split() for language, listed in _LISTED.items()}
"""Plain words by language; an Arabic code name is two nouns, which never have to agree."""


def free_code_name(language: str, *, but: str = "") -> str:
    """A random code name that nobody has, in her script where there are words for it, else in English.

    `but` is the name she is called by, which it never holds (R12).
    """
    words = WORDS.get(language, WORDS["en"])
    while True:
        one, other = secrets.SystemRandom().sample(words, 2)
        code_name = f"{one} {other} {10 + secrets.randbelow(90)}"
        if code_name_fault(code_name, but) is None and client_by_code_name(code_name) is None:
            return code_name
