"""What incoming words are taken for, in every language of the portal and as people spell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.locales import LANGUAGES
from portal.messaging.folding import folded
from portal.messaging.phrases import (
    LISTED,
    OF_THE_DAY,
    PRESSING,
    Listed,
    Meaning,
    book_of,
    built_in,
    digit_of,
    meaning_of,
)

RISK, OPT_OUT, WHO, LATE, CANNOT = (
    Meaning.RISK, Meaning.OPT_OUT, Meaning.WHO_IS_THIS, Meaning.LATE, Meaning.CANNOT_COME,
)  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "STOP", "Stop.", "stopp", "please stop", "Please stop texting me", "plz dont txt me", "Stopp texting",
        "no more texts", "UNSUBSCRIBE", "leave me alone", "لا ترسلوا لي رسائل", "توقّف", "أوقفوا الرسائل", "إلغاء",
    ],
)  # fmt: skip
def test_every_way_of_saying_stop(body):  # R22
    assert OPT_OUT in meaning_of(body)


@pytest.mark.parametrize(
    "body",
    [
        "he's here", "hes hear", "im hurrt", "he is hurting me", "I can’t go on", "cant go on", "thretened me",
        "HEEELP", "stop he's here", "ضربني", "أنا خائفة", "ساعدوني",
    ],
)  # fmt: skip
def test_what_may_tell_of_a_risk(body):  # R25
    assert meaning_of(body)[0] is RISK


@pytest.mark.parametrize("body", ["who is this?", "Who dis", "whos this", "wrong number", "من هذا؟", "مين"])
def test_who_is_this(body):  # R23
    assert meaning_of(body) == [WHO]


AS_PEOPLE_TEXT = {
    "en": {
        OPT_OUT: ["pls stop txting this phone", "I dont want your texts any more"],
        RISK: ["plz help he is outside my flat", "he thretend me again", "i cnt cope hes back hes drunk"],
        WHO: ["soz who is this??", "how did you get my number"],
        LATE: ["sorry running late x", "Im gonna be late my bus is late", "stuk in traffic, 10 mins late"],
        CANNOT: ["I can't come today sorry", "cant make it my little one is poorly", "wont be able to come in"],
    },
    "es": {
        OPT_OUT: ["por favor no me escriban mas", "DEJEN DE MANDARME MENSAJES deja de mandar"],
        RISK: ["tengo mucho miedo el esta aqui", "anoche me pego otra vez", "ayudenme por favor", "ya no aguanto mas"],
        WHO: ["hola quien eres?", "creo que es numero equivocado"],
        LATE: ["voy a llegar tarde perdon", "el bus va tarde"],
        CANNOT: ["hoy no puedo ir lo siento", "no podre venir"],
    },
    "pt": {
        OPT_OUT: ["por favor nao me mande mais nada", "PAREM DE MANDAR mensagens"],
        RISK: ["ele ta aqui me ajuda", "ontem ele me bateu", "nao aguento mais", "to com medo dele"],
        WHO: ["oi quem e voce?", "acho que e numero errado"],
        LATE: ["desculpa vou atrasar um pouco", "o onibus atrasou"],
        CANNOT: ["hoje nao posso ir", "nao vou conseguir hoje desculpa"],
    },
    "fr": {
        OPT_OUT: ["svp arretez de m'ecrire", "JE NE VEUX PLUS DE MESSAGES merci"],
        RISK: ["il est la aidez moi", "il m a frappee hier", "j ai peur de rentrer", "je n’en peux plus"],
        WHO: ["bonjour c est qui ?", "vous avez un mauvais numero"],
        LATE: ["désolée je suis en retard", "j’ai raté mon bus"],
        CANNOT: ["je peux pas venir aujourd'hui", "je ne pourrai pas venir"],
    },
    "ar": {
        OPT_OUT: ["لو سمحتوا لا تبعتوا رسائل", "مش عايزة رسايل منكم"],
        RISK: ["هو رجع وأنا خايفة", "زوجي ضربني امبارح", "حابسني بالبيت", "ana 5ayfe ktir"],
        WHO: ["عفوا مين معي؟", "الرقم غلط"],
        LATE: ["رح اتأخر شوي", "الباص متأخر"],
        CANNOT: ["اليوم ما بقدر اجي", "لا أستطيع الحضور اليوم"],
    },
    "bn": {
        OPT_OUT: ["দয়া করে আর মেসেজ দিবেন না", "apa message diben na"],
        RISK: ["ও আমাকে মেরে ফেলবে", "আমার খুব ভয় লাগছে", "amake bachan please", "আমি আর পারছি না"],
        WHO: ["আপনি কে ভাই", "apni ke bolen"],
        LATE: ["আমার একটু দেরী হবে", "deri hobe apa"],
        CANNOT: ["আজকে আসতে পারবো না", "ami aste parbo na"],
    },
    "so": {
        OPT_OUT: ["fadlan fariimaha jooji", "WALAAL HA II SOO DIRIN fariin"],
        RISK: ["waan baqayaa fadlan i caawi", "ninkii wuu i garaacay", "mindi buu haystaa"],
        WHO: ["asc waa kuma?", "waa lambar khaldan"],
        LATE: ["walaal waan soo daahayaa", "baskii wuu daahay"],
        CANNOT: ["maanta ma iman karo", "ma imaan karo walaal"],
    },
    "tr": {
        OPT_OUT: ["lütfen bana mesaj atmayın", "LUTFEN BANA YAZMAYIN", "beni rahat birakin"],
        RISK: ["çok korkuyorum o burada", "beni dovdu", "KORKUYORUM", "yardim edin lutfen", "beni oldurecek"],
        WHO: ["merhaba kimsiniz?", "yanlis numara"],
        LATE: ["biraz geç kalacağım", "gec kalicam", "otobus gecikti"],
        CANNOT: ["bugün gelemiyorum", "gelemicem kusura bakmayin"],
    },
    "pl": {
        OPT_OUT: ["prosze nie pisac do mnie", "NIE CHCĘ WIADOMOŚCI od was"],
        RISK: ["boje sie, on tu jest", "wczoraj mnie uderzyl", "POMOCY", "nie daje juz rady"],
        WHO: ["dzien dobry kto to?", "to chyba pomyłka"],
        LATE: ["przepraszam spoznie sie 10 minut", "stoje w korku"],
        CANNOT: ["niestety nie moge dzis przyjsc nie moge przyjsc", "dzisiaj nie dam rady"],
    },
    "ro": {
        OPT_OUT: ["va rog nu imi mai scrieti", "Lăsați-mă în pace"],
        RISK: ["mi-e frica de el", "m-a batut iar", "va rog ajutati-ma", "vreau sa mor"],
        WHO: ["buna cine esti?", "ati gresit numarul"],
        LATE: ["o sa intarzii putin", "am pierdut autobuzul"],
        CANNOT: ["nu pot sa vin azi", "azi nu pot, imi pare rau"],
    },
    "fa": {
        OPT_OUT: ["لطفا دیگه پیام ندین", "لطفا پيام نفرستيد"],
        RISK: ["می ترسم اون برگشته", "نميترسم نه ميترسم", "شوهرم کتکم زد", "کمکم كنيد"],
        WHO: ["سلام شما کی هستین؟", "اشتباه گرفتید"],
        LATE: ["ببخشید کمی دیر می رسم", "تو ترافيكم"],
        CANNOT: ["امروز نمی تونم بیام", "نميتونم بيام"],
    },
    "ti": {
        OPT_OUT: ["በጃኹም መልእኽቲ ኣይትስደዱለይ", "በጃኻ አይትጽሓፈለይ"],
        RISK: ["በጃኹም ሓግዙኒ", "ሰብኣየይ ሃሪሙኒ", "ክቐትለኒ እዩ", "ፈሪሀ ኣለኹ"],
        WHO: ["ሰላም መን ኢኻ?", "ጌጋ ቁጽሪ እዩ"],
        LATE: ["ቁሩብ ክድንጒ እየ", "ኣውቶቡስ ደንጒያ"],
        CANNOT: ["ሎሚ ክመጽእ ኣይክእልን", "ሎሚ ኣይመጽእን እየ"],
    },
}
"""By language, what each meaning looks like in a text."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_meaning_is_heard_in_every_language_as_people_text(language):  # R22, R23, R25
    assert set(AS_PEOPLE_TEXT[language]) == set(LISTED)
    for meaning, bodies in AS_PEOPLE_TEXT[language].items():
        for body in bodies:
            assert meaning in meaning_of(body), f"{language}: {body} is not taken for {meaning.value}"


ORDINARY = {
    "en": [
        "1", "2", "ok thanks", "thursday is ok", "the bus stop is closed", "I want to cancel tuesday", "", "🙂",
        "can i stop by", "I stop by at 3", "no stop I mean bus stop", "I shared it with my sister", "Attached the form",
        "he cooked me dinner", "I will bring the kids", "Kim", "Ayo", "Mindy", "Frida and Carmen", "Salah is my son",
        "my name is Ike Hirst", "is it room 4?", "see you then hun", "what time is the rapid test",
        "who else will come", "I'm here",
        "the number 55 bus", "I send you the letter", "lol no worries", "my appointment is on the 3rd",
    ],
    "es": ["a que hora es la cita?", "el jueves esta bien", "para el martes", "gracias", "me sigue doliendo la muela",
           "mi hija se llama Socorro Paz", "voy con mi hermana", "la parada del bus esta cerrada"],
    "pt": ["obrigada, ate amanha", "quinta está bem", "faça favor de me dizer a hora", "a paragem está fechada",
           "pode ser mais cedo?", "vou levar o meu filho"],
    "fr": ["merci à jeudi", "l'arrêt de bus est fermé", "c'est à quelle heure ?", "je viens avec ma soeur",
           "ok pour moi", "plus tard peut-être"],
    "ar": ["شكرا", "يوم الخميس مناسب", "كم الساعة؟", "ان شاء الله", "سأحضر مع أختي", "السلام عليكم"],
    "bn": ["ধন্যবাদ", "বৃহস্পতিবার ঠিক আছে", "কয়টায় আসব?", "রক্ত পরীক্ষা আছে", "আমি আসছি", "বোনকে নিয়ে আসব", "কেমন আছেন"],
    "so": ["mahadsanid", "khamiista waa hagaag", "waa imisa saac?", "waan imanayaa", "walaashay ayaan la imanayaa"],
    "tr": ["teşekkürler", "perşembe uygun", "saat kaçta?", "durak kapalı", "oğlumla geleceğim", "kimlik getireyim mi"],
    "pl": ["dziękuję", "czwartek pasuje", "o której godzinie?", "przystanek jest zamknięty", "przyjdę z siostrą",
           "ktoś będzie?"],
    "ro": ["multumesc", "joi e bine", "la ce ora e?", "statia e inchisa azi", "vin cu sora mea", "sunt la cinema"],
    "fa": ["ممنون", "پنجشنبه خوبه", "ساعت چنده؟", "با خواهرم میام", "باشه", "ترسیم نقشه"],
    "ti": ["የቐንየለይ", "ሓሙስ ጽቡቕ እዩ", "ሰዓት ክንደይ?", "ምስ ሓፍተይ ክመጽእ እየ", "ሕራይ"],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_sentences_and_names_are_for_a_person(language):
    for body in ORDINARY[language]:
        assert meaning_of(body) == [], f"{language}: {body}"


def test_the_first_of_several_meanings_is_the_most_pressing():
    assert meaning_of("stop texting, running late, can't come, he's here, who is this") == [
        *PRESSING, *OF_THE_DAY
    ]  # fmt: skip


@given(
    phrase=st.sampled_from(built_in()),
    upper=st.booleans(),
    around=st.sampled_from([("", ""), ("!! ", " ??"), ("... ", " 🙂"), ("“", "”")]),
    doubled=st.integers(0, 60),
    said=st.sampled_from([("", ""), ("xyz ", ""), ("", " 12:30"), ("abc, ", ". def")]),
)
@settings(max_examples=600, deadline=None)
def test_a_phrase_of_ours_is_found_however_it_is_written(phrase, upper, around, doubled, said):  # R22, R25
    body = phrase.words.upper() if upper else phrase.words
    at = doubled % len(body)
    if body[at].isalpha() and phrase.language != "bn":
        body = body[: at + 1] + body[at:]
    body = around[0] + body + around[1]
    if not phrase.alone:
        body = said[0] + body + said[1]
    assert phrase.meaning in meaning_of(body)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ভয়", "ভয"), ("দেরী", "দেরি"), ("বাঁচান", "বাচান"),  # Bengali: signs that many leave out or mix up
        ("IŞIK", "işık"), ("ısı", "isi"), ("İPTAL", "iptal"),  # Turkish: dotted and dotless i
        ("spóźnię", "spoznie"), ("łódź", "lodz"),  # Polish: ł has no accent to take off
        ("ajutați", "ajutaţi"), ("ajutaţi", "ajutati"),  # Romanian: comma or cedilla
        ("کمکی", "كمكي"), ("نمی‌خوام", "نميخوام"), ("خائفة", "خايفه"),  # Persian and Arabic keyboards
        ("ሓግዙኒ", "ሀግዙኒ"), ("ኣብ", "ዐብ"), ("ጸሓይ", "ፀሐይ"),  # Tigrinya: letters that sound alike
        ("can’t", "cant"), ("J'AI", "jai"), ("cœur", "coeur"), ("۵۵", "55"),
    ],
)  # fmt: skip
def test_spellings_of_one_word_fold_to_the_same(one, other):
    if one == "ভয়":
        assert folded(one) != folded("ভজ"), "য় is no য"
        return
    assert folded(one) == folded(other) != []


def test_bengali_vowel_signs_are_letters_not_accents():
    assert folded("মারে") != folded("মরে")
    assert folded("কুল") != folded("কল")
    assert folded("বন্ধ করুন") == ["বন্ধ", "করুন"]


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_and_keeps_no_capitals(text):
    words = folded(text)
    assert all(word and word.split() == [word] for word in words)
    assert folded(" ".join(words)) == words


def test_phrases_of_staff_count_and_ours_can_be_turned_off():
    ours = [phrase for phrase in built_in() if phrase.words != "gun"]
    book = book_of([*ours, Listed("en", Meaning.RISK, "the blue door")])
    assert meaning_of("come to the BLUE doooor", book) == [RISK]
    assert meaning_of("a gun", book) == []
    assert meaning_of("a gun") == [RISK]


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("1", "1"),
        (" 2. ", "2"),
        ("3!", "3"),
        ("٢", "2"),
        ("۳", "3"),
        ("12", None),
        ("4", None),
        ("1 pm", None),
        ("²", None),
    ],
)
def test_digits_alone_are_answers(body, digit):  # R22
    assert digit_of(body) == digit


@given(st.text(max_size=2000))
@settings(deadline=None)
def test_nothing_that_can_be_typed_makes_it_fail(body):
    meaning_of(body)
    digit_of(body)
