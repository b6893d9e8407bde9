"""From texts and API names to the same words: concepts where there is one, else the word itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from processors.feedback.joining.lexicon import BY_STATUS, CONCEPTS, EVERYDAY, SLOW, TROUBLE

MAX_CHARS = 4_000
"""Of a text: what it is about stands at its beginning; the rest of a long one is a pasted log."""
MAX_WORDS = 48
"""Different ones of a text that are kept, the first ones."""
MAX_WORD = 40
CACHED = 50_000
MASKED = re.compile(r"\[[a-z]+\]")
"""What stands for personal data that was taken out; nobody wrote it."""
_CJK = "\u2e80"
_WORD = re.compile(r"[^\W_]+(?:[-'\u2019][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBERED = re.compile(r"([a-z]{2,})-?(\d{1,6})")
_SEPARATORS = re.compile(r"[^0-9A-Za-z\u00c0-\uffff-]+")
_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s")
_SHORTEST_STEM = 4


def fold(text: str) -> str:
    """Lower case without accents and invisible characters, whatever way they were typed."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf").casefold()


def _stems() -> tuple[Mapping[str, str], Mapping[str, str], tuple[tuple[str, str], ...]]:
    whole: dict[str, str] = {}
    begins: dict[str, str] = {}
    anywhere: list[tuple[str, str]] = []
    for concept, said in CONCEPTS.items():
        for word in said.split():
            if word[0] >= _CJK:
                anywhere.append((word, concept))
            elif word.endswith("."):
                whole.setdefault(fold(word[:-1]), concept)
            else:
                begins.setdefault(fold(word), concept)
    return MappingProxyType(whole), MappingProxyType(begins), tuple(anywhere)


_WHOLE, _BEGINS, _ANYWHERE = _stems()
_LONGEST, _SHORTEST = max(map(len, _BEGINS)), min(map(len, _BEGINS))


@lru_cache(maxsize=CACHED)
def meaning(word: str) -> str:
    """The concept of a folded word, else its stem; empty for a word that says nothing."""
    found = _WHOLE.get(word)
    if found is not None:
        return found
    for length in range(min(_LONGEST, len(word)), _SHORTEST - 1, -1):
        found = _BEGINS.get(word[:length])
        if found is not None:
            return found
    if len(word) < 3 or len(word) > MAX_WORD or word in EVERYDAY:  # noqa: PLR2004 - two letters name nothing
        return ""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def words_of_text(*texts: str | None) -> tuple[str, ...]:
    """Different words of what a person wrote, in the order of their first use."""
    said = MASKED.sub(" ", fold(" ".join(text[:MAX_CHARS] for text in texts if text)))[: 2 * MAX_CHARS]
    found = dict.fromkeys(_meanings(_WORD.findall(said)))
    if any(c >= _CJK for c in said):
        found.update(dict.fromkeys(concept for word, concept in _ANYWHERE if word in said))
    found.pop("", None)
    return tuple(found)[:MAX_WORDS]


def words_of_name(name: str | None) -> tuple[str, ...]:
    """Different words of a route, a service or an error code: ``/api/v1/stockMovements/{id}`` → stock, movement."""
    if not name:
        return ()
    parts = _SEPARATORS.split(re.sub(r"\{[^}]*\}", " ", _CAMEL.sub(" ", name[:MAX_CHARS])))
    found = dict.fromkeys(_meanings(word for part in parts for word in _WORD.findall(fold(part))))
    found.pop("", None)
    return tuple(found)[:MAX_WORDS]


def words_of_failure(outcome: str, status: int) -> tuple[str, ...]:
    """Words for how a call ended, as people and pages say it."""
    feels = SLOW if outcome in {"ok", "timeout", "aborted"} else TROUBLE
    said = _meanings(f"{BY_STATUS.get(status, '')}".split())
    number = (str(status),) if outcome != "ok" and status else ()
    return tuple(dict.fromkeys(word for word in (feels, *said, *number) if word))


def _meanings(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        if word.isdigit():
            yield word if len(word) == 3 else ""  # noqa: PLR2004 - a status, perhaps
            continue
        numbered = _NUMBERED.fullmatch(word)
        if numbered:
            yield meaning(numbered[1])
            yield numbered[1] + numbered[2]
            continue
        whole = meaning(word)
        yield whole
        if "-" in word and whole not in CONCEPTS:
            yield from map(meaning, word.split("-"))
