"""Short words that tell the supported languages apart where there is too little else."""

from __future__ import annotations

import re

_WORDS = {
    "en": """
        the is are was it's this that these with not and can't cant cannot doesn't doesnt don't dont didn't isn't won't
        my your please when after why how where what does do of to for broken working works slow thanks help missing
        """,
    "de": """
        der die das ist sind war nicht und mit kann mein meine bitte wenn nach warum wie wo was keine kein geht auf
        für zu immer noch schon seit hängt kaputt langsam danke hilfe fehlt funktioniert lädt
        """,
    "fr": """
        le les est sont était pas ne et avec peux mon ma mes merci svp quand après pourquoi comment où rien plus je
        j'ai n'est c'est ça au aux du des marche fonctionne lent lente panne depuis impossible une
        """,
    "es": """
        el los las está están era y con puedo mi mis por favor cuando después qué cómo dónde nada más yo del al una
        funciona lento lenta roto gracias ayuda falta sigue todavía hoy muy carga abre
        """,
    "pt": """
        o os as está estão não e com posso consigo meu minha meus favor quando depois porquê como onde nada mais eu do
        da dos das ao uma um funciona lento lenta obrigado obrigada ajuda falta ainda hoje muito carrega abre é
        """,
}
"""Articles, pronouns, denials, and what one says of software; words of several languages stand with each of them."""
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _language)
_SPANISH_DENIAL = re.compile(r"\bno (?:funciona|va|abre|carga|anda|sirve|puedo|me|se|hay|está)\b")
"""Spanish denies with a word of English, and goes on with one of Portuguese."""
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_MAX_WORDS = 200
"""More do not make it surer."""


def votes(text: str) -> dict[str, float]:
    """How many of these words each language has in a text; a word of several languages is shared among them."""
    lower = text.lower().replace("\u2019", "'")
    denials = len(_SPANISH_DENIAL.findall(lower))
    counted: dict[str, float] = {"es": 2.0 * denials} if denials else {}
    for word in _WORD.findall(lower)[:_MAX_WORDS]:
        owners = _BY_WORD.get(word, ())
        for owner in owners:
            counted[owner] = counted.get(owner, 0.0) + 1 / len(owners)
    return counted
