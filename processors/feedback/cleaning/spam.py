"""Whether a message advertises: points with reasons, in favour of doubt.

Something must be offered, and somewhere to go for it; whoever speaks of trouble, of security or shows what only a
program writes is no advertiser. A lost report costs more than a spam that is read.
"""

from __future__ import annotations

import re

from contracts.feedback import Feedback
from processors.feedback.cleaning.matter import FAULT, SECURITY, TECHNICAL, THING
from processors.feedback.cleaning.readable import header
from processors.feedback.cleaning.spam_words import BLATANT, OFFERS

ENOUGH = 5
"""Points from which a message is spam."""
_MAX_CHARS = 20_000
"""Spam says what it offers at once."""
_LINK = re.compile(r"(?:https?://|www\.)([^\s/\"'<>()\[\]]{3,100})([^\s\"'<>]{0,300})")
_MARKED_LINK = re.compile(r"\[url[=\]]|<a\s[^<>]{0,100}href|\[link[=\]]")
_REACH = re.compile(
    r"\b(?:reply|contact|write|mail|e-?mail|schreib\w{0,4}|écrivez|escrib\w{1,3}|escreva)\b.{0,40}@|\b(?:whats ?app"
    r"|telegram|t\.me|wechat|skype|viber)\b.{0,25}[\d@+]|(?:加|联系)?(?:微信|qq|扣扣|vx|v信)(?:号"
    r"|群)?[\s:\uff1a]{0,2}[\w\-]{5,20}"
)
_SOMEWHERE = ("://", "www.", "@", "[url", "[link", "href")
"""Without one of these, or somebody to write to, there is nowhere to go."""
_FOREIGN = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u0530-\u074f\u0900-\u0dff\u0e00-\u0eff\u10a0-\u10ff\uac00-\ud7a3]")
"""Letters of alphabets that no supported language is written in."""
_SHOUT = re.compile(r"[!\uff01]{3,}|\${2,}|€{2,}|\b100 ?% (?:free|gratis|garant)|[🔥💰🤑💵🎁🚀]")
_MANY_HOSTS = 3
_HALF = 0.5
_PLACED = 2


def spam(feedback: Feedback, text: str) -> list[tuple[str, int]]:
    """Why a message seems to be spam, each reason with its points; empty when anything speaks for a report.

    ``text`` is its readable text.
    """
    said = f"{feedback.title or ''}\n{text}"[:_MAX_CHARS]
    lower = said.lower()
    if not any(sign in lower for sign in _SOMEWHERE) and not _REACH.search(lower):
        return []
    blatant = {found.group() for found in BLATANT.finditer(lower)}
    offers = sorted(blatant | {found.group() for found in OFFERS.finditer(lower)})
    links = list(_LINK.finditer(lower))
    if _speaks_of_the_system(feedback, said, lower, offers):
        return []
    found = [(f"offers: {', '.join(offers[:5])}"[:120], min(2 * (len(offers) + len(blatant)), 6))] if offers else []
    found += _placed_links(lower, links)
    if not found:
        return []
    found += _ways_to_reach(lower, links)
    if _SHOUT.search(said):
        found.append(("shouting", 1))
    if header(feedback.attributes, "x-spam-flag") == "yes" or header(feedback.attributes, "x-spam-status")[:3] == "yes":
        found.append(("marked as spam by the mail server", 3))
    if header(feedback.attributes, "precedence") in {"bulk", "junk"} or header(feedback.attributes, "list-unsubscribe"):
        found.append(("sent in bulk", 1))
    return found


def _speaks_of_the_system(feedback: Feedback, said: str, lower: str, offers: list[str]) -> bool:
    """Words of faults and security and traces of programs always do; names of things, if more than is offered."""
    words = _LINK.sub(" ", lower)
    if FAULT.search(words) or SECURITY.search(words) or TECHNICAL.search(said):
        return True
    if feedback.trace.trace_id or feedback.trace.request_id or feedback.rating or feedback.context.route:
        return True
    things = {found.group() for found in THING.finditer(words)}
    return len(things) >= max(len(offers), 1)


def _placed_links(lower: str, links: list[re.Match[str]]) -> list[tuple[str, int]]:
    """Links as only those place them who want them to be counted."""
    found = []
    if len(_MARKED_LINK.findall(lower)) >= _PLACED:
        found.append(("links put in markup", 2))
    letters = sum(map(str.isalpha, lower))
    if links and len(_FOREIGN.findall(lower)) > _HALF * letters:
        found.append(("links in an alphabet of no supported language", 1))
    return found


def _ways_to_reach(lower: str, links: list[re.Match[str]]) -> list[tuple[str, int]]:
    found = [("links", 1)] if links else []
    hosts = {link[1] for link in links}
    if len(hosts) >= _MANY_HOSTS:
        found.append((f"links to {len(hosts)} hosts", 2))
    if sum(len(link.group()) for link in links) > _HALF * len(lower.replace(" ", "")):
        found.append(("mostly links", 2))
    if _REACH.search(lower):
        found.append(("asks to be written to elsewhere", 1))
    return found
