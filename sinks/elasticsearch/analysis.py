"""How words are cut and folded for search: by language, and names and error codes whole as well as in their parts.

Analysers of languages are the servers' own (Apache Lucene): a text is kept once for each of them, because a search does
not know in which language an answer was written. `names` is ours:

* words end at white space only, and punctuation around them is taken off: ``"(HTTP-502),"`` is ``http-502``;
* each is kept whole and in its parts, cut at punctuation and where the case changes: ``PaymentServiceTimeout`` is
  itself, ``payment``, ``service`` and ``timeout``; ``pay_svc-1`` is itself, ``pay``, ``svc`` and ``1``. Digits are no
  border: ``x86`` stays one word.
"""

from __future__ import annotations

from typing import Any

LANGUAGES = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "pt": "portuguese",
    "zh": "cjk",
}
"""Analyser of each language; ``cjk`` makes pairs of signs, for Chinese, Japanese and Korean."""
NAMES, NAMES_ASKED = "hypercare_names", "hypercare_names_asked"
_PARTS = {
    "type": "word_delimiter_graph",
    "preserve_original": True,
    "split_on_numerics": False,
    "stem_english_possessive": False,
}
_INDEXED = ["hypercare_edges", "hypercare_filled", "hypercare_parts", "lowercase", "flatten_graph"]
ANALYSIS: dict[str, Any] = {
    "filter": {
        "hypercare_edges": {
            "type": "pattern_replace",
            "pattern": r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$",
            "replacement": "",
            "all": True,
        },
        "hypercare_filled": {"type": "length", "min": 1},
        "hypercare_parts": _PARTS,
    },
    "analyzer": {
        NAMES: {"type": "custom", "tokenizer": "whitespace", "filter": _INDEXED},
        # Asked for a whole name, the whole or all parts in a row; flattening would ask for any part.
        NAMES_ASKED: {"type": "custom", "tokenizer": "whitespace", "filter": _INDEXED[:-1]},
    },
}
"""Settings of every index; a change reaches an index when it is made, see docs/operating-elasticsearch.md."""


def by_language() -> dict[str, dict[str, Any]]:
    """Sub-fields of a text that somebody wrote."""
    return {name: {"type": "text", "analyzer": analyser} for name, analyser in LANGUAGES.items()}


def names() -> dict[str, Any]:
    """The sub-field in which names and codes are found, whole and in parts."""
    return {"type": "text", "analyzer": NAMES, "search_analyzer": NAMES_ASKED}
