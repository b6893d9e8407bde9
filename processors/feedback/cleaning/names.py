"""Names of people where a letter puts them: in its greeting, below its closing, after ``my name is``."""

from __future__ import annotations

import re

from contracts.feedback import Reporter
from processors.feedback.cleaning.closings import FORMAL_CLOSING, GREETING, NOBODY, THANKS, TITLE

MASK = "[name]"
_PART = r"[^\W\d_](?:\.|(?:[^\W\d_]|['\u2019\-](?=[^\W\d_])){0,30})"
_CAPITAL = rf"(?=[A-Z\u00c0-\u00de\u0100-\u017f\u0386-\u03ab\u0410-\u042f]){_PART}"
_FULL = rf"{_CAPITAL}(?: (?:(?:van|von|de|der|den|da|dos|del|la|le|di|el|bin|zu) ){{0,2}}{_CAPITAL}){{0,3}}"
_HAN = (
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾"
    "夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴莫孔向常汤康易乔赖文欧司上诸]"
)
"""The first character of most family names in Chinese: other characters begin other words."""
_GREETED = re.compile(
    rf"(?P<kept>(?:\A|\n)[ \t]{{0,4}}(?i:{GREETING})(?: (?i:again|und|and))?,? ?(?i:{TITLE}){{0,2}})"
    rf"(?P<name>{_FULL}|[a-z]{{2,20}}(?=[,!]|[ \t]*\n|\Z)|{_HAN}[\u4e00-\u9fff]{{0,2}}?(?=(?:先生|女士|小姐|经理"
    rf"|老师)?[,\uff0c:\uff1a!\uff01\n]))"
    rf"(?![\w@])(?=[ \t]*(?:[,!:;.\uff0c\uff1a\n]|[\-\u2013](?!\w)|\Z|(?i:and|und|et|y|e)\b))"
)
_ADDRESSED = re.compile(
    rf"(?P<kept>\b(?:Herrn?|Frau|Mr\.?|Mrs\.?|Ms\.?|Madame|Monsieur|Señora?|Sra?\.|Senhora?) (?:(?:Dr"
    rf"|Prof)\.? ){{0,2}})(?P<name>{_FULL})"
)
_LINE = r"[ \t]*[,.!\-\u2013\uff0c\uff01]{0,2}[ \t]*\n\s{0,4}"
_SIGNED = re.compile(
    rf"(?P<kept>(?:\A|[\n.!?,;\u3002\uff01] ?)[ \t]{{0,4}}(?:(?i:{FORMAL_CLOSING}|{THANKS})(?![^\W_])"
    rf"(?:{_LINE}|[ \t]*[,\-\u2013\uff0c] ?)|(?i:{FORMAL_CLOSING})[ \t]))"
    rf"(?!(?i:{FORMAL_CLOSING}|{THANKS})(?![^\W_]))(?P<name>{_FULL}|(?<=\s)(?<!, )[a-z]{{2,20}}"
    rf"|{_HAN}[\u4e00-\u9fff]{{1,2}})(?=[ \t]*[,.]?[ \t]*(?:\n|\Z))"
)
_CLOSED = re.compile(rf"(?:\A|[\n.!?,;\u3002\uff01] ?)[ \t]{{0,4}}(?:{FORMAL_CLOSING}|{THANKS})(?![^\W_])")
"""The same beginning, of a text in lower case: a third of the cost."""
_DASHED = re.compile(rf"(?P<kept>\n[ \t]{{0,4}}[-\u2013\u2014~]{{1,2}} ?)(?P<name>{_FULL})(?=\s*\Z)")
_GOES_ON = r"(?=[ \t]*(?:[,.;!\n]|\Z)| (?:and|und|et|y|e|from|of|aus|von|de|mit|with|con|com)\b)"
_INTRODUCED = re.compile(
    r"(?P<kept>\b(?i:my (?:full )?name is|my name.s|i am called|(?:mein|unser) name ist|ich heiße|ich heisse"
    r"|je m.appelle"
    r"|mon nom est|me llamo|mi nombre es|(?:o )?meu nome é|(?:eu )?me chamo|chamo-me)"
    rf"[ :]{{1,2}}(?i:{TITLE}){{0,2}})(?P<name>{_FULL}|[a-z]{{2,20}}(?: [a-z]{{2,20}})?{_GOES_ON})"
    r"|(?P<kept2>(?:我叫|我的名字(?:是|叫)|本人姓名|我是)[:\uff1a ]?)"
    rf"(?P<name2>{_HAN}[\u4e00-\u9fff]{{1,3}}?)(?=[,\uff0c.\u3002!\uff01;\s]|\Z)"
)
_SELF = re.compile(
    r"(?P<kept>\b(?:I am|I.m|[Ii]ch bin|[Hh]ier ist|[Jj]e suis|[Ii]ci|[Ss]oy|[Ss]ou(?: [oa])?) )"
    rf"(?P<name>{_CAPITAL}(?: {_CAPITAL}){{1,2}}{_GOES_ON}|{_CAPITAL}(?: {_CAPITAL})?(?=,? (?:speaking|calling)\b))"
    rf"|(?P<kept2>\b[Tt]his is )(?P<name2>{_CAPITAL}(?: {_CAPITAL})?(?=,? (?:speaking|calling|here)\b)"
    rf"|{_CAPITAL} {_CAPITAL}(?=,? (?:from|at|of) (?:the )?{_CAPITAL}))"
)
"""Such a beginning may go on with anything: only two words with capitals are taken for a name."""
_LABELLED = re.compile(
    rf"(?P<kept>(?:\A|\n)[ \t*\-]{{0,4}}(?i:(?:full |customer |contact |first |last |your |user.?s? )?name"
    rf"|contact(?: person)?|customer|reporter"
    rf"|reported by|requester|ansprechpartner(?:in)?|kunde|kundin|(?:vor|nach)name|nom(?: complet)?|prénom|cliente?"
    rf"|nombre(?: completo)?"
    rf"|nome(?: completo)?)\*?\s?:\*?[ \t]*(?i:{TITLE})?)(?P<name>{_CAPITAL}(?: {_CAPITAL}){{1,3}})(?=[ \t]*(?:\n|\Z"
    rf"|,))"
    rf"|(?P<kept2>(?:姓名|联系人|客户名称?)\s?[:\uff1a]\s?)(?P<name2>{_HAN}[\u4e00-\u9fff]{{1,3}})"
)
_NOT_SAID = frozenset(
    """
    not wrong missing displayed shown misspelled spelled incorrect empty blank cut truncated too long always
    still now gone falsch nicht leer weg abgeschnitten zu lang incorrect vide coupé incorrecto vacío cortado
    incorreto vazio
    """.split()  # noqa: SIM905 - readable so
)
"""What may be wrong with a name on a screen."""
_HINT = re.compile(
    r"name|nombre|nome\b|nom\b|heiße|heisse|appelle|llamo|chamo|this is |\bi.a?m |ich bin|hier ist|je suis"
    r"|\bici |\bsou |\bsoy |contact|customer|report|request"
    r"|ansprech|kund|client|名|联系|我叫|我是"
)
"""Cheap first look, of a text in lower case: without one of these nobody introduces anybody."""
_SHORTEST_PART = 3


def mask_names(text: str) -> tuple[str, int]:
    """Mask the names of people at these places; product names elsewhere stay."""
    count = 0

    def mask(found: re.Match[str]) -> str:
        nonlocal count
        groups = found.groupdict()
        name = found["name"] or groups.get("name2") or ""
        kept = found["kept"] or groups.get("kept2") or ""
        words = name.casefold().replace(".", "").replace("-", " ").split()
        if not words or words[0] in NOBODY or words[-1] in NOBODY or words[0] in _NOT_SAID:
            return found[0]
        count += 1
        return kept + MASK

    lower = text.lower()
    if _CLOSED.search(lower):
        text = _SIGNED.sub(mask, text)
    for shape in (_GREETED, _DASHED, _ADDRESSED):
        text = shape.sub(mask, text)
    if _HINT.search(lower):
        for shape in (_INTRODUCED, _SELF, _LABELLED):
            text = shape.sub(mask, text)
    return text, count


def mask_reporter(text: str, reporter: Reporter) -> tuple[str, int]:
    """Mask the name of the one who reports, where the source tells it: as a name, or as an address made of it."""
    parts = _parts_of_name(reporter.pseudonym) or _parts_of_name(reporter.contact_ref)
    if not parts:
        return text, 0
    first, last = re.escape(parts[0]), re.escape(parts[-1])
    between = r"[ \t]{1,3}(?:[^\W\d_]{1,20}\.?[ \t]{1,3}){0,2}"
    return re.subn(rf"(?i)\b(?:{first}{between}{last}|{last},[ \t]{{0,3}}{first})\b", MASK, text)


def _parts_of_name(name: str | None) -> list[str]:
    """First and last name; nothing when it is an id, or an address that does not name two."""
    if not name:
        return []
    shown, at, _ = name.partition("<")
    plain = shown.strip(" \"'") if at and shown.strip() else name.strip(" <>").partition("@")[0].partition("+")[0]
    parts = re.split(r"[\s._\-]+", plain)
    return parts if 2 <= len(parts) <= 4 and all(p.isalpha() and len(p) >= _SHORTEST_PART for p in parts) else []  # noqa: PLR2004 - of a name
