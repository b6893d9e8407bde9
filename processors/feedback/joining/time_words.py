# ruff: noqa: E501 - an alternative of an expression stands on one line
"""How six languages say when something happened, as patterns over folded text: lower case, without accents.

Written for this project. Each list is an alternative of a regular expression; `mentioned_times` puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NUMBERS: Mapping[str, float] = MappingProxyType({
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "fifteen": 15,
    "twenty": 20, "thirty": 30, "half an": 0.5, "a couple of": 2, "a few": 3, "several": 4,
    "einer": 1, "einem": 1, "ein paar": 3, "einigen": 3, "wenigen": 3, "zwei": 2, "drei": 3, "vier": 4, "funf": 5,
    "zehn": 10, "funfzehn": 15, "zwanzig": 20, "dreissig": 30, "dreißig": 30, "einer halben": 0.5,
    "une": 1, "un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "dix": 10, "quinze": 15, "vingt": 20,
    "trente": 30, "une demi-": 0.5, "une demi": 0.5, "quelques": 3,
    "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "diez": 10, "veinte": 20, "treinta": 30,
    "media": 0.5, "unos": 3, "unas": 3, "unos pocos": 3,
    "uma": 1, "um": 1, "dois": 2, "duas": 2, "quatro": 4, "dez": 10, "vinte": 20, "trinta": 30, "meia": 0.5,
    "uns": 3, "alguns": 3,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "十": 10, "十五": 15, "二十": 20, "三十": 30, "几": 3, "半": 0.5,
})  # fmt: skip
"""Words for how many minutes or hours; "a few" is three of them, give or take."""
VAGUE = frozenset(
    {"a few", "several", "a couple of", "ein paar", "einigen", "wenigen", "quelques", "unos", "unas", "unos pocos"}
) | {"uns", "alguns", "几"}
UNITS: Mapping[str, float] = MappingProxyType({
    "s": 1, "sec": 1, "seg": 1, "sek": 1, "秒": 1,
    "m": 60, "min": 60, "分": 60,
    "h": 3_600, "hour": 3_600, "hr": 3_600, "stund": 3_600, "std": 3_600, "heure": 3_600, "hora": 3_600,
    "小": 3_600, "钟": 3_600, "天": 86_400,
    "d": 86_400, "tag": 86_400, "jour": 86_400, "dia": 86_400,
})  # fmt: skip
"""Seconds by how the name of a unit begins; the longest beginning counts."""
UNIT = (
    r"seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|sekunden?|minuten?|stunden?|std|tag(?:en)?"
    r"|secondes?|heures?|h|jours?|segundos?|minutos?|horas?|dias?"
)
UNIT_ZH = r"秒钟?|分钟|小时|钟头|天"
ABOUT = (
    r"about|around|approximately|approx\.?|roughly|circa|ca\.?|c\.|~|gegen|etwa|ungefahr|rund|zirka|vers|environ|autour de"
    r"|sobre|alrededor de|hacia|mas o menos|como|aproximadamente|por volta|cerca|大约|大概|差不多|左右"
)
"""Said of a time that is not meant exactly."""
SINCE = (
    r"since|from|after|starting|as of|seit|ab|von|depuis|des|a partir de|desde|a contar|despues de|depois|从|自|自从"
)
"""What goes on from that time on."""
UNTIL = r"until|till|til|by|before|up to|bis|spatestens|jusqu'a|avant|d'ici|hasta|antes de|para|ate|antes|到|至|截止"
"""Said of the end of something: not of when it happened."""
AT = (
    r"at|@|um|a|aux|las|la|as|das|pelas|de|os|the|noted|time|was|on|heute|today|gestern|yesterday|hier|ayer|ontem|在|于"
)
PLAN = (
    r"tomorrow|next (?:week|day|mon|tue|wed|thu|fri|sat|sun)\w*|opening hours?|open (?:from|until|till|at|on)|opens?\b|closes?\b"
    r"|(?:will|to|should|can) (?:arrive|be delivered|call|come|be there|open|close)|arrives? (?:at|on|by)|deliver(?:ed|y)? (?:on|at|by|between|slot|window)"
    r"|meeting|appointment|scheduled|deadline|due (?:at|by|on)|departs?\b|flight|train\b|pick ?up|out of (?:the )?office"
    r"|morgen (?:um|fruh|vormittag|mittag|nachmittag|abend|gegen|zwischen)|ubermorgen|offnungszeit\w*|geoffnet|offnet|schliesst|schließt"
    r"|termin\b|besprechung|sitzung|zugestellt|zustellung|lieferung (?:um|am|zwischen|kommt)|liefertermin|abholung|frist|abwesend"
    r"|demain|horaires?|ouvert\w*|ouvre|ferme(?:ture)?\b|rendez-vous|reunion|livr(?:e|ee|aison) (?:a|vers|entre|prevue)|echeance"
    r"|(?:para|pasado) manana|manana (?:a|por)|horario\w*|abierto|abren?\b|cierran?\b|cita\b|entrega (?:a|prevista|entre)|plazo"
    r"|amanha\b|aberto|abrem?\b|fecham?\b|compromisso|reuniao|prazo|entregue? (?:as|ate|entre)"
    r"|明天|后天|营业|开门|关门|会议|开会|预约|送达|送货|截止|航班"
)
"""Of what is still to come, or comes every day: meetings, deliveries, opening hours."""
HALF_PM = (
    r"p\.? ?m\b\.?|in the (?:afternoon|evening)|at night|nachmittags?|abends?|(?:de l')?apres-midi|du soir|de la (?:tarde|noche)"
    r"|da (?:tarde|noite)|tonight"
)
HALF_AM = (
    r"a\.? ?m\b\.?|in the morning|morgens|vormittags?|fruh\b|du matin|de la (?:manana|madrugada)|da (?:manha|madrugada)"
)
JUST_NOW = (
    r"just now|a moment ago|moments ago|a minute ago|just happened|this minute|gerade eben|soeben|eben gerade|in diesem moment"
    r"|a l'instant|ca vient d(?:e|')|ahora mismo|acaba de (?:pasar|ocurrir|suceder)|hace un momento"
    r"|agora mesmo|mesmo agora|acabou de acontecer|ha pouco|刚刚|刚才"
)
EARLIER = r"earlier today|vorhin|tout a l'heure|hace un rato|ha bocado|mais cedo"
"""Some time ago, today."""
NOT_A_TIME = (
    r"version|release|build|ratio|scale|score|format|verse|chapter|kapitel|vers\.|chapitre|capitulo|seite|page \d"
)
"""Before two numbers with a colon that are no clock."""
DAY = 24.0
PARTS: tuple[tuple[str, float, float, int | None], ...] = (
    (r"last night|gestern nacht|la nuit derniere|anoche|昨晚|昨天夜里", 18, 30, -1),
    (
        r"yesterday morning|gestern (?:morgen|fruh|vormittag)|hier matin|ayer por la manana|ontem de manha|昨天(?:早上|上午)",
        5,
        12,
        -1,
    ),
    (r"yesterday (?:at )?noon|gestern mittag|hier midi|昨天中午", 11, 14, -1),
    (r"yesterday afternoon|gestern nachmittag|hier apres-midi|ayer por la tarde|ontem a tarde|昨天下午", 12, 19, -1),
    (r"yesterday (?:evening|night)|gestern abend|hier soir|ayer por la noche|ontem a noite|昨天晚上", 17, 26, -1),
    (
        r"yesterday|gestern|\bhier\b(?! (?:in|im|auf|bei|ist|geht|steht|kommt|und|nicht))|\bayer\b|\bontem\b|昨天",
        0,
        DAY,
        -1,
    ),
    (
        r"this morning|heute (?:morgen|fruh|vormittag)|ce matin|esta manana|hoy por la manana|(?:esta|hoje de) manha|今早|今天(?:早上|上午)",
        5,
        12,
        0,
    ),
    (r"(?:at|around|about) noon|(?:heute|gegen) mittag|(?:a|vers) midi|al mediodia|ao meio-dia|今天中午", 11, 13.5, 0),
    (r"this afternoon|heute nachmittag|cet(?:te)? apres-midi|esta tarde|hoje a tarde|今天下午", 12, 18.5, 0),
    (r"this evening|tonight|heute abend|ce soir|esta noche|(?:esta|hoje a) noite|今晚|今天晚上", 17, DAY, 0),
    (r"in the night|heute nacht|cette nuit|esta madrugada|de madrugada|凌晨", 0, 6, 0),
)
"""Parts of a day: how they are called, from and to which hour, and of which day."""
ZONES_H: Mapping[str, float] = MappingProxyType({
    "utc": 0, "gmt": 0, "z": 0, "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "eet": 2, "eest": 3,
    "edt": -4, "cdt": -5, "mdt": -6, "pst": -8, "pdt": -7, "jst": 9, "brt": -3,
})  # fmt: skip
"""Hours east of Greenwich of zones that people name; ``est`` and ``ist`` are words, ``cst`` is that of several."""
WEEKDAYS = (
    r"\b(?:mon|tues?|wednes|thurs?|fri|satur|sun)day|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
    r"|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|\b(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
    r"|\b(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?\b|(?:星期|周|礼拜)[一二三四五六日天]"
)
