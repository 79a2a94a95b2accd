"""The banned words of the safety rules in the eleven other languages (R7, R20): drafted, to be read with them.

`polis*` stands for every word that begins so, `*ፖሊስ*` also for one with a letter or two written before it. A stem that
would meet an innocent word of any of the languages is written out in its forms: a text is checked against all of them.
"""

WORDS_BY_LANGUAGE: dict[str, tuple[str, ...]] = {
    "es": (
        "abus*", "maltrat*", "violencia*", "violent*", "doméstic*", "refugio*", "casa de acogida", "policía*",
        "policial*", "amonestación policial", "delito*", "delincuen*", "crimen*", "criminal*", "juzgado*",
        "tribunal*", "libertad condicional", "prisión*", "prisiones", "cárcel*", "custodia", "detenid*", "droga*",
        "drogadic*", "alcohol*", "mental*", "sexo*", "sexual*", "violación", "violaciones", "violada*", "víctima*",
        "centro de mujeres", "centro de la mujer",
    ),
    "pt": (
        "abus*", "maus tratos", "maus-tratos", "violência*", "violent*", "doméstic*", "refúgio*", "casa abrigo",
        "casa-abrigo", "casa de abrigo", "polícia*", "policial*", "delito*", "crime*", "crimino*", "criminal*",
        "tribunal*", "tribunais", "liberdade condicional", "prisão", "prisões", "prisional*", "cadeia*", "custódia",
        "detid*", "droga*", "álcool*", "alcoól*", "mental*", "mentais", "sexo*", "sexual*", "sexuais", "violação",
        "violações", "violada*", "estupr*", "vítima*", "centro de mulheres", "centro da mulher",
    ),
    "fr": (
        "abus", "abusé*", "abusif*", "maltrait*", "violen*", "domestique*", "conjugal*", "refuge*", "police*",
        "policier*", "policière*", "délit*", "délinquan*", "infraction*", "crime*", "criminel*", "tribunal*",
        "tribunaux", "sursis", "prison*", "garde à vue", "détenue*", "détention*", "drogue*", "drogué*", "alcool*",
        "mental*", "sexe*", "sexuel*", "viol", "viols", "violée*", "violeur*", "victime*", "centre de femmes",
        "centre pour femmes", "centre des femmes",
    ),
    "ar": (
        "عنف", "عنيف", "اعتداء", "إساءة", "إيذاء", "شرطة", "شرطي", "شرطية", "جريمة", "جرائم", "مجرم", "مجرمة",
        "جناية", "جنحة", "محكمة", "محاكم", "سجن", "سجون", "سجينة", "احتجاز", "توقيف", "إفراج مشروط", "مخدرات",
        "إدمان", "كحول", "خمر", "اغتصاب", "تحرش", "ضحية", "ضحايا", "جنس", "ملجأ", "مأوى", "مركز النساء",
        "مركز المرأة", "نفسية", "عقلية",
    ),
    "bn": (
        "নির্যাতন*", "সহিংস*", "আশ্রয়কেন্দ্র*", "পুলিশ*", "থানা*", "অপরাধ*", "আদালত*", "কোর্ট*", "প্রবেশন*", "জেল",
        "জেলখানা*", "কারাগার*", "হাজত*", "হেফাজত*", "মাদক*", "ড্রাগ*", "মদ", "মদের", "অ্যালকোহল*", "মানসিক*", "যৌন*",
        "সেক্স*", "ধর্ষণ*", "ধর্ষিত*", "ভুক্তভোগী*", "ভিকটিম*", "নারী কেন্দ্র*", "মহিলা কেন্দ্র*",
    ),
    "so": (
        "tacaddi*", "xadgudub*", "rabshad*", "magangel*", "magangal*", "boolis*", "bilays*", "booliis*", "dembi*",
        "danbi*", "maxkamad*", "xabsi*", "maandooriy*", "mukhaadaraad*", "daroogo*", "qamri*", "khamri*", "khamro*",
        "aalkolo*", "alkol*", "dhimir*", "galmo*", "jinsi*", "kufsi*", "kufsad*", "dhibbane*", "dhibane*",
        "xarunta haweenka", "xarunta dumarka",
    ),
    "tr": (
        "istismar*", "şiddet*", "aile içi", "sığınma*", "sığınak*", "sığınağ*", "polis", "polise", "polisi", "polisin",
        "polisle", "polisler*", "poliste", "polisten", "karakol*", "suç", "suçu", "suçum", "suçun", "suçunu", "suçuna",
        "suçumu", "suçlu*", "suçla*", "suçtan", "mahkeme*", "hapis*", "hapse", "cezaevi*", "gözaltı*",
        "denetimli serbestlik", "uyuşturucu*", "alkol*", "zihinsel*", "ruh sağlığı", "seks*", "cinsel*", "tecavüz*",
        "mağdur*", "kadın merkezi*", "kadınlar merkezi*",
    ),
    "pl": (
        "przemoc*", "znęca*", "molestow*", "schronisk*", "policj*", "przestępst*", "przestępc*", "wykroczeni*",
        "zbrodni*", "sąd", "sądu", "sądem", "sądzie", "sądow*", "kurator*", "więzieni*", "więzienn*", "areszt*",
        "narkotyk*", "narkoman*", "alkohol*", "psychiczn*", "seks*", "gwałt*", "gwałc*", "zgwałc*", "ofiar*",
        "centrum kobiet", "ośrodek dla kobiet",
    ),
    "ro": (
        "abuz*", "violență", "violenț*", "violent*", "domestic*", "adăpost*", "refugiu*", "poliție", "poliția",
        "poliției", "polițist*", "infracțiun*", "infractor*", "infractoar*", "crimă", "crime*", "criminal*",
        "tribunal*", "judecător*", "probațiun*", "închiso*", "pușcări*", "custodie", "drog*", "alcool*", "mental*",
        "sexual*", "viol", "violul*", "violat*", "victim*", "centrul pentru femei", "centru de femei",
    ),
    "fa": (
        "خشونت*", "آزار*", "سوءاستفاده*", "سوء استفاده*", "خانگی*", "پناهگاه*", "خانه امن*", "پلیس*", "کلانتری*",
        "جرم*", "جرایم*", "مجرم*", "جنایت*", "دادگاه*", "زندان*", "بازداشت*", "مواد مخدر*", "مخدر*", "اعتیاد*",
        "معتاد*", "الکل*", "روانی*", "جنسی*", "سکس*", "تجاوز جنسی*", "قربانی*", "مرکز زنان*",
    ),
    "ti": (
        "*ዓመጽ*", "*ግፍዒ*", "*ዘቤታዊ*", "*መዕቆቢ*", "*ፖሊስ*", "*ገበን*", "*ገበነኛ*", "*ቤት ፍርዲ*", "*ቤት-ፍርዲ*", "*ማእሰርቲ*",
        "*ቤት ማእሰርቲ*", "*ሓሽሽ*", "*ወልፊ*", "*ኣልኮል*", "*ኣልኮላዊ*", "*ኣእምሮኣዊ*", "*ጥዕና ኣእምሮ*", "*ጾታዊ*", "*ስጋዊ ርክብ*", "*ግዳይ*",
        "*ማእከል ደቂ ኣንስትዮ*",
    ),
}  # fmt: skip
"""What stands in no title, address, file name or text."""

TEXT_ONLY_BY_LANGUAGE: dict[str, tuple[str, ...]] = {
    "es": (
        "abogad*", "orden de alejamiento", "orden de protección", "arrest*", "fianza", "lesión", "lesiones",
        "rehabilitac*", "clínica*", "embaraz*", "línea de ayuda", "tu ex", "su ex", "tu pareja", "tu marido",
        "tu esposo",
    ),
    "pt": (
        "advogad*", "ordem de restrição", "medida de proteção", "fiança", "lesão", "lesões", "reabilitaç*",
        "clínica*", "grávida*", "gravidez", "linha de apoio", "seu ex", "teu ex", "seu marido", "seu companheiro",
        "seu parceiro",
    ),
    "fr": (
        "avocat*", "ordonnance de protection", "injonction*", "arrestation*", "blessure*", "blessée*", "désintox*",
        "clinique*", "enceinte", "ligne d'écoute", "votre ex", "ton ex", "votre mari", "ton mari", "votre conjoint",
        "votre compagnon",
    ),
    "ar": (
        "محام", "محامي", "محامية", "أمر حماية", "ضابط", "ضابطة", "اعتقال", "كفالة", "إصابة", "إعادة تأهيل", "عيادة",
        "حامل", "خط المساعدة", "زوجك", "شريكك", "طليقك",
    ),
    "bn": (
        "উকিল*", "আইনজীবী*", "নিষেধাজ্ঞা*", "গ্রেপ্তার*", "গ্রেফতার*", "জামিন*", "আঘাত*", "পুনর্বাসন*", "ক্লিনিক*",
        "গর্ভবতী*", "হেল্পলাইন*", "আপনার স্বামী*", "তোমার স্বামী*", "আপনার সঙ্গী*", "আপনার প্রাক্তন*",
    ),
    "so": (
        "qareen*", "looyar*", "sarkaal*", "damiin*", "dhaawac*", "kiliinik*", "rugta caafimaad*", "uur leh", "uurka",
        "ninkaaga", "saygaaga", "lamaanahaaga", "ninkaagii hore",
    ),
    "tr": (
        "avukat*", "uzaklaştırma*", "koruma kararı*", "memur*", "tutuklu*", "tutuklan*", "kefalet*", "yaralan*",
        "rehabilitasyon*", "klinik*", "hamile*", "gebe", "gebelik*", "yardım hattı*", "eski eşin*", "kocan",
        "kocanız*", "eşiniz*", "partnerin*",
    ),
    "pl": (
        "prawnik*", "adwokat*", "zakaz zbliżania", "funkcjonariusz*", "kaucj*", "obrażeni*", "odwyk*", "klinik*",
        "w ciąży", "ciąż*", "infolini*", "telefon zaufania", "twój mąż", "twojego męża", "twój partner", "twój były",
    ),
    "ro": (
        "avocat*", "ordin de protecție", "ordin de restricție", "ofițer*", "arest*", "cauțiun*", "rănit*", "leziun*",
        "dezintoxic*", "clinică", "clinici*", "însărcinată", "gravidă", "fostul tău", "partenerul tău", "soțul tău",
    ),
    "fa": (
        "وکیل*", "حکم حفاظت*", "وثیقه*", "جراحت*", "کلینیک*", "درمانگاه*", "باردار*", "حامله*", "خط کمک*", "شوهرت*",
        "شوهرتان*", "همسرت*", "همسرتان*", "پارتنر*",
    ),
    "ti": (
        "*ጠበቓ*", "*ዋሕስነት*", "*ማህሰይቲ*", "*ክሊኒክ*", "*ጥንስቲ*", "*መስመር ሓገዝ*", "*ሰብኣይኪ*", "*መጻምድትኺ*",
    ),
}  # fmt: skip
"""What no text may carry beside those; the country's own words, IDVA and MARAC, are the same everywhere."""

NEED_THEIR_MARKS = frozenset({"sąd", "suç"})
"""Words that without their marks are others: English sad, Romanian suc. All others are found with and without."""
