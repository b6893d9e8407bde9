"""Telephone numbers: those that look like one, and plain digits beside a word that says so."""

from __future__ import annotations

import re

BY_LOOK = re.compile(
    r"(?<![\w.\-/])(?:(?:\+\d{1,3}[\s.\-]?|00[ ]?\d{1,3}[\s.\-]|\(\d{2,5}\)[\s.\-]?|0\d{2,4}[\s./\-]"
    r"|\d{3}[.\-](?=\d{3}[.\-]))\d(?:[\s.\-/()]{0,2}\d){5,13}|0[1-9](?:[ .\-]\d{2}){4}"
    r"|0[1-9]\d{8,11}|00[1-9]\d{8,13})(?![\w\-])"
)
CALLED = re.compile(r"(?<![\w.\-/])\+\d{1,3}[\s.\-]?\d(?:[\s.\-()]{0,2}\d){5,13}(?![\w\-])")
"""With its country: what a program writes so is hardly anything else."""
_NAMED = (
    r"\b(?:tel|telef(?:on|one|oon)(?:nummer)?|telephone|t[ée]l[ée]phone|tel[ée]fono|phone|mobil|mobile|mobilnummer|mobiltelefon"
    r"|m[óo]vil|cell|cell ?phone|celular|handy|handynummer|telem[óo]vel|fax|faxnummer|whats ?app|rückruf|rückrufnummer"
    r"|durchwahl|call (?:me|us)|call ?back|ring me|text me|reach (?:me|us)|rufen sie (?:mich|uns)|ruft mich|erreichbar"
    r"|erreichen sie (?:mich|uns)|anrufen|(?:r?appelez|joindre)[- ](?:moi|nous)|ll[áa]m(?:e|a|en)(?:me|nos)"
    r"|lig(?:ue|uem|a)(?:[- ]me)?)\b|(?:电话|手机|联系方式|致电)(?:号码?)?"
)
_BETWEEN = (
    r"(?:[\s:.#()\-\uff1a]{1,3}(?:me|us|back|numbers?|no|nr|nummer|is|my|at|on|under|unter|auf|an|ist|lautet|bitte|mich"
    r"|uns|est|au|le|es|al|en|el|é|para|o|n[°ºo])\b){0,3}[\s:.#(\-\uff1a是为]{0,4}"
)
_DATE = r"\d{4}[\-/.]\d{1,2}[\-/.]\d{1,2}\b|\d{1,2}[\-/.]\d{1,2}[\-/.](?:19|20)\d{2}\b|\d{1,3}(?:\.\d{1,3}){3}\b"
BY_WORD = re.compile(
    rf"(?i)(?P<kept>(?:{_NAMED}){_BETWEEN})(?!{_DATE})\+?\(?\d(?:[ .\-/()]{{0,2}}\d){{5,14}}(?![\w\-])"
)
"""Digits that could be anything are a telephone number after a word that announces one, save dates and addresses."""
NAMES = (
    "tel", "tél", "phone", "mobil", "móvil", "movil", "cell", "celular", "handy", "fax", "whats", "ruf", "durchwahl",
    "call",     "ring me", "text me", "reach", "erreich", "appele", "joindre", "lame", "láme", "lama", "láma", "lig",
    "电话", "手机",     "联系方式", "致电",
)  # fmt: skip
"""Cheap first look, in lower case: without one of these no word announces a number."""
IN_CHINESE = re.compile(r"(?P<kept>[\u4e00-\u9fff][^\dA-Za-z\n]{0,6})1[3-9]\d{9}(?![0-9A-Za-z_])")
"""A mobile number of mainland China in a Chinese sentence: eleven digits, the first three are the operator's."""
_DIGITS = range(8, 16)
"""ITU-T E.164 allows at most 15 digits; below 8 it is more often an order number."""


def is_phone(text: str) -> bool:
    """Whether it has as many digits as a telephone number."""
    return sum(c.isdigit() for c in text) in _DIGITS
