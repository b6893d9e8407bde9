# ruff: noqa: E501 - a list of words stands on few lines
"""What a complaint is about, of the things that software of any kind does: evidence where no word is shared.

"The bot answers nonsense" and "the generated summary stops half way" are one problem to whoever runs the assistant. Only
what sounds like trouble has a subject: a wish, a question or praise about the same thing is no report of the problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from processors.feedback.grouping.concepts import CONCEPTS
from processors.feedback.grouping.endings import stem

STRONG, _WEAK = 2, 1
"""Points of a word that says by itself what a complaint is about, and of one that needs another beside it."""
_SUBJECTS = {
    "payment": (
        """~pay card wallet paypal visa mastercard debit debited iban instalment charged karte kreditkarte carte bancaire
        tarjeta cartão wechat alipay 信用卡""",
        "money bank till basket cart euro amount geld banque argent banco dinero dinheiro ~refuse 银行 购物车",
    ),
    "order": (
        "~order overview booked",
        "placed cancelled processing history confirmation number bestellnummer commande compra 记录",
    ),
    "notification": (
        "~notify ~mail sms newsletter invitation dispatch informed nachricht message messages mensaje mensagem 短信 消息",
        "bell notice received arrive arrives confirmation tracking code update silent reach told erhalten reçu recibido 收到",
    ),
    "upload": (
        "~upload hochladen dropzone",
        """file files photo photos picture pictures image images document documents pdf megabyte mb scan jpg png csv avatar drag drop size datei dateien foto
        bild fichier fichiers image archivo archivos imagen arquivo arquivos imagem 文件 图片 照片 ~save""",
    ),
    "login": (
        "~login captcha 2fa mfa otp totp sso authenticator lockout verification fingerprint biometric biometrics passkey signup",
        "~account locked unlock session factor code credentials username user pin verify register registered registration reset benutzername gesperrt verrouillé bloqueado bloqueada 账户 验证",
    ),
    "search": (
        "~search filter filters query autocomplete suggestion suggestions sorting lookup trefferliste filtre filtro 筛选",
        "hit hits catalogue enter typing list shows looking sort article umlaut katalog artikel catálogo 商品",
    ),
    "report": (
        "~report kpi analytics turnover evaluation forecast statement spreadsheet vat umsatz chiffre facturación faturamento",
        """~data ~export total sum sums figure row rows column columns value values balance tax month percent chart table
        inventory stock tabelle spalte monat colonne mois columna mes coluna mês""",
    ),
    "rate_limit": (
        "~limit",
        "request requests blocked throttle minute slow wait retry calls api client exceeded 429 503 burst excessive quick fast integration batch anfragen requêtes solicitudes pedidos 请求",
    ),
    "assistant": (
        "~assistant gpt llm prompt hallucination hallucinate generated nonsense gibberish",
        """answer answers reply replies summary explanation translation question invented agent half sentence cut language
        antwort antworten réponse réponses respuesta respuestas resposta respostas virtual 回答 答案""",
    ),
    "slowness": (
        "~slow performance schnecke escargot",
        "second seconds minute minutes wait waiting waits open opens page minuten sekunden warten attendre esperar 等待",
    ),
}
_TROUBLE = frozenset({"~fail", "~slow", "~crash", "~missing", "~refuse", "~blank", "~limit"})
_NOT = re.compile(
    r"n't\b|\b(?:no|not|never|nothing|none|nobody|cannot|cant|unable|without|impossible|zero|stop(?:s|ped)?|empty|ends?|"
    r"wrong|twice|doubled?|nonsense|useless|gone|invented|lost|locked|expired|invalid|blocked|too|wait\w*|takes|nicht|nichts|kein\w*|nie|niemand|"
    r"ohne|unmöglich|falsch|pas|rien|jamais|aucun\w*|impossible|faux|nada|nunca|ningun\w*|sin|imposible|mal|não|nenhum\w*|"
    r"sem|impossível|errad\w*)\b|[不没无错]",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:please add|could you add|would be (?:nice|great|lovely|helpful)|i wish|i miss a|we need an?|suggestion:|feature request|"
    r"is (?:that|it) planned|love|great|impressive|compliments|well done|helpful|charm|smoothly|joy|perfect|five stars|keep going|so much (?:better|clearer|faster|nicer)|never a problem|easy to use|wünsch\w*|wäre (?:schön|gut|toll)|"
    r"bitte ergänz\w*|j'aimerais|ce serait|bravo|super|me gustaría|estaría bien|sería|excelente|gostaria|seria (?:bom|ótimo)|"
    r"adorei)\b|希望|建议|很好|喜欢",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\b(?:where can i|how do i|how long|how many|can i|could i|until when|which \w+ (?:does|do|is|are)|what is the|what does|"
    r"is there|are there|do you|wo finde|wie (?:kann|lange|viele)|kann ich|gibt es|où (?:puis|trouver)|comment (?:puis|faire)|"
    r"est-ce que|dónde|cómo puedo|cuánto|hay (?:un|alg)|onde (?:posso|encontro)|como (?:posso|faço)|quanto tempo)\b|哪里|怎么|如何",
    re.IGNORECASE,
)
LOOKED_AT = 400
"""Characters of a text that are looked at: what it is about is said early, and of a long one some word fits anything."""
WORKS_NOT = ("functional_bug", "performance", "security")
"""Categories of trouble; they are often mistaken for each other by those who write."""
NO_TROUBLE = "no trouble"
"""What a wish, a question or praise is about, whatever it names."""


class Clue(NamedTuple):
    """A word that speaks for a subject, 2 points if it does by itself, else 1."""

    word: str
    subject: str
    points: int


@dataclass(frozen=True, slots=True)
class About:
    """What a text is about: the subject where its words leave no doubt, and what speaks for this one or any other."""

    subject: str
    clues: tuple[Clue, ...] = ()


SLOW = (Clue("", "slowness", _WEAK),)
"""What the category says where it is performance."""


def about(words: Iterable[str], said: str, category: str | None = None) -> About:
    """What a text is about, given its words, itself and its category if that is known."""
    known = dict.fromkeys(words)
    if _WISH.search(said) or _QUESTION.search(said):
        return About(NO_TROUBLE)
    if category not in WORKS_NOT and not _NOT.search(said) and _TROUBLE.isdisjoint(known):
        return About("")
    clues = tuple(Clue(word, subject, weight) for word in known for subject, weight in _POINTS.get(word, ()))
    ranked = sorted(points_of(clues).items(), key=lambda pair: (-pair[1], pair[0]))
    doubtful = not ranked or ranked[0][1] < STRONG or (len(ranked) > 1 and ranked[1][1] == ranked[0][1])
    more = SLOW if category == "performance" else ()
    return About("" if doubtful else ranked[0][0], clues + more)


def points_of(clues: Iterable[Clue]) -> dict[str, int]:
    """Points of all clues by subject."""
    points: dict[str, int] = {}
    for clue in clues:
        points[clue.subject] = points.get(clue.subject, 0) + clue.points
    return points


def subject_of(words: Iterable[str], said: str) -> str:
    """The subject of a text; empty where it is none of these, in doubt, or sounds like nothing."""
    return about(words, said).subject


def _points() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for subject, lists in _SUBJECTS.items():
        for weight, listed in zip((STRONG, _WEAK), lists, strict=True):
            for word in listed.split():
                token = word if word.startswith("~") else CONCEPTS.get(stem(word), stem(word))
                pair = (subject, weight)
                if all(known != subject for known, _ in found.get(token, ())):
                    found.setdefault(token, []).append(pair)
    return found


_POINTS = _points()
