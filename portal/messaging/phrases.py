"""What an incoming text asks for, in any spelling that people use; pure. A false alarm costs a look, no more."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import cache


class Meaning(StrEnum):
    """What an incoming text was taken for."""

    RISK = "risk"
    OPT_OUT = "opt_out"
    WHO_IS_THIS = "who_is_this"
    WORDS = "words"
    TRIAGE = "triage"


FOR_A_PERSON = (Meaning.RISK, Meaning.WHO_IS_THIS, Meaning.WORDS, Meaning.TRIAGE)
"""Meanings that only a person can settle: until someone has read such a text, nothing more goes to its number (R22)."""

_ALONE = {
    Meaning.OPT_OUT: """
        stop, stopall, stop all, stopp, unsubscribe, unsub, cancel, end, quit, optout, opt out, revoke, remove me,
        توقف, توقفي, توقفوا, قف, وقف, ايقاف, الغاء, الغاء الاشتراك, كفي, كفايه, خلص
    """,
    Meaning.WHO_IS_THIS: """
        who, who this, who u,
        مين, من, مين انت, مين انتي, من هذا, من هذه, من انت
    """,
    Meaning.RISK: """
        help, sos, 999, 112,
        النجده, مساعده
    """,
}
"""Whole texts, courtesies left out."""

_WITHIN = {
    Meaning.OPT_OUT: """
        stop texting, stop text, stop txt, stop txting, stop messaging, stop message, stop messages, stop msgs,
        stop sending, stop contacting, stop these, stop the texts, stop this, dont text, do not text, dont txt,
        dont message, do not message, dont msg, dont send, do not send, dont contact, do not contact, never text,
        no more texts, no more text, no more messages, no texts, quit texting, remove my number, delete my number,
        take me off, take my number, unsubscribe, opt out, leave me alone, not text me, not message me,
        لا ترسلوا, لا ترسلي, لا ترسل, لا تراسلوني, لا تراسلني, لا تراسليني, لا تكتبوا,
        وقفوا الرسايل, اوقفوا الرسايل, اوقفي الرسايل, اوقف الرسايل, ايقاف الرسايل, توقفوا عن,
        توقفي عن, توقف عن, كفي رسايل, بلا رسايل, ما تبعتوا, ما تبعتولي, لا اريد رسايل,
        لا اريد المزيد, احذفوا رقمي, احذفي رقمي, احذف رقمي
    """,
    Meaning.WHO_IS_THIS: """
        who is this, whos this, who is it, whos it, who dis, who are you, who r u, who are u, who r you,
        whose number, whos number, who is that, whos that, who sent this, who sent, who texted, wrong number,
        wrong person, do i know you, what is this about, why are you texting, why do you text,
        من معي, مين معي, من المرسل, من يرسل, من ارسل, من صاحب, رقم غلط, الرقم غلط, رقم خطا,
        الرقم خطا, لا اعرفك, ما بعرفك, لمن هذا الرقم
    """,
    Meaning.RISK: """
        hes here, he is here, hes hear, shes here, theyre here, hes back, he is back, hes outside, he is outside,
        hes at the door, hes coming, he found me, he found out, he knows, he has my phone, hes got my phone,
        reading my texts, reads my texts, hurt, hurting, hurts, hit me, hits me, hitting me, beat me, beating me,
        kicked me, punched, strangled, choked me, attacked, threatened, threatening, threatens, knife, gun,
        kill me, kill myself, kill us, kill her, suicide, suicidal, self harm, cut myself, overdose, want to die,
        wanna die, want it to end, end it all, end my life, cant go on, cannot go on, can not go on, cant cope,
        cant carry on, cant do this anymore, scared, afraid, frightened, terrified, in danger, not safe, unsafe,
        dont feel safe, emergency, help me, need help, please help, call the police, call 999, locked in,
        locked me, cant get out, wont let me, trapped, following me, stalking, bleeding, raped, took my kids,
        taken my kids,
        هو هنا, انه هنا, هو رجع, عند الباب, ضربني, يضربني, بيضربني, ضربوني, جرحني, اذاني, يوذيني,
        هددني, يهددني, سيقتلني, يقتلني, رح يقتلني, بيقتلني, سكين, خايفه, خايفة, انا خايف, مرعوبه,
        في خطر, بخطر, ساعدوني, ساعديني, ساعدني, انقذوني, انقذيني, محتاجه مساعده, النجده, الشرطه,
        اريد ان اموت, بدي موت, بدي اموت, اريد الموت, اقتل نفسي, انتحر, انتحار, لا استطيع الاستمرار,
        ما بقدر اكمل, ما عاد اقدر, تعبت من الحياه, حبسني, محبوسه, انزف, اغتصب, اخذ اولادي,
        اخد ولادي
    """,
}
"""Phrases anywhere in a text; words of five letters and more may be a letter off."""

_COURTESIES = """
    please, pls, plz, plse, thanks, thank, you, thx, ta, now, hi, hello, ok, just,
    من, فضلك, لو, سمحت, سمحتي, رجاء, شكرا
"""
_LONG_ENOUGH = 5
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ئ": "ي", "ؤ": "و", "ـ": None})


def meaning_of(body: str) -> list[Meaning]:
    """What a text asks for, the most pressing first; empty when only a person can tell."""
    said = _words(body)
    core = [word for word in said if [word] not in _listed(_COURTESIES)] or said
    found = [
        meaning
        for meaning in (Meaning.RISK, Meaning.OPT_OUT, Meaning.WHO_IS_THIS)
        if any(words in (said, core) for words in _listed(_ALONE[meaning]))
        or any(_stands_in(phrase, said) for phrase in _listed(_WITHIN[meaning]))
    ]
    # A text that begins with "stop" is taken at its word, whatever follows: silence is the safer mistake.
    if core[:1] == ["stop"] and core[1:2] != ["by"] and Meaning.OPT_OUT not in found:
        found.append(Meaning.OPT_OUT)
    return found


def digit_of(body: str) -> str | None:
    """The digit 1, 2 or 3, in western or other digits, when a text says nothing else; else None (R22)."""
    digits = "".join(str(unicodedata.decimal(letter)) for letter in body if letter.isdecimal())
    rest = [letter for letter in body if letter.isalpha() or letter.isnumeric()]
    return digits if len(rest) == 1 and digits in ("1", "2", "3") else None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.translate(_ARABIC)).casefold()
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn").translate(_ARABIC)
    plain = re.sub(r"[’'`´ʼ]", "", plain)
    # Letters doubled or drawn out count once: "stopp", "heeelp".
    return re.sub(r"([^\W\d])\1+", r"\1", re.sub(r"[\W_]+", " ", plain)).split()


def _stands_in(phrase: Sequence[str], said: Sequence[str]) -> bool:
    return any(
        all(_same(word, heard) for word, heard in zip(phrase, said[start : start + len(phrase)], strict=True))
        for start in range(len(said) - len(phrase) + 1)
    )


def _same(word: str, heard: str) -> bool:
    return word == heard or (len(word) >= _LONG_ENOUGH and _one_off(word, heard))


def _one_off(word: str, heard: str) -> bool:
    """Whether one letter was left out, added, changed, or swapped with its neighbour; the first is always right."""
    if abs(len(word) - len(heard)) > 1 or word[0] != heard[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, heard, strict=False)) if a != b), min(len(word), len(heard)))
    return (
        word[at + 1 :] == heard[at + 1 :]
        or word[at + 1 :] == heard[at:]
        or word[at:] == heard[at + 1 :]
        or (word[at : at + 2] == heard[at : at + 2][::-1] and word[at + 2 :] == heard[at + 2 :])
    )


@cache
def _listed(phrases: str) -> list[list[str]]:
    return [_words(phrase) for phrase in phrases.split(",")]
