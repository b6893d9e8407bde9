"""A complaint, and what of it a call can be recognised by."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import blake2b

from contracts.feedback import EnrichedFeedback
from processors.feedback.joining.devices import spell, spoken_of
from processors.feedback.joining.mention import Mention
from processors.feedback.joining.mentioned_times import mentions
from processors.feedback.joining.words import words_of_name, words_of_text

TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""A `traceparent` header (W3C Trace Context, section 3.2), which people paste as it is."""
MENTIONED = re.compile(r"(?<![0-9A-Za-z])(?=[0-9A-Za-z-]*\d)[0-9A-Za-z]{4,}(?:-[0-9A-Za-z]{2,}){0,5}(?![0-9A-Za-z])")
MOST_MENTIONED = 2
SHORTEST_ID = 8
MAX_CHARS = 4_000
COUNTRY = re.compile(r"[A-Za-z]{2,3}[-_](?:[A-Za-z]{4}[-_])?([A-Za-z]{2})(?![A-Za-z])")
"""The region of a BCP 47 tag such as ``de-AT``."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One piece of feedback; times in seconds since 1970, ids and pseudonyms as feedback has them.

    ``at`` is when it was written, by the clock of whoever sent it.
    """

    id: str
    at: float
    received_at: float
    channel: str = "api"
    text: str = ""
    title: str | None = None
    language: str | None = None
    trace_id: str | None = None
    request_id: str | None = None
    session: str | None = None
    user: str | None = None
    route: str | None = None
    screen: str | None = None
    journey: str | None = None
    browser: str | None = None
    os: str | None = None
    device: str | None = None
    country: str | None = None
    release: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What is kept of a complaint while its calls may still turn up: no text, ids only as hashes."""

    id: str
    at: float
    channel: str
    keys: tuple[int, int, int, int]
    """Hashes of trace, request, session and user, 0 for one that is not known; see `Candidates`."""
    mentioned: tuple[int, ...]
    """Hashes of what looks like an id in the text."""
    words: tuple[str, ...]
    place: tuple[str, ...]
    """Words of the page, screen and journey."""
    route: str
    journey: str
    client: tuple[str, str, str, str, str]
    """Browser, system, device, country and release, as `devices` spells them; empty where not known."""
    told: tuple[str, str, str]
    """Browser, system and device that the text speaks of: others may be meant, too."""
    category: str
    language: str
    when: tuple[Mention, ...] = ()
    """Times that the text names, without their words."""


def complaint_of(feedback: EnrichedFeedback, category: str | None = None) -> Complaint:
    """A complaint from feedback whose personal data is masked."""
    context, region = feedback.context, COUNTRY.match(feedback.context.locale or "")
    written = feedback.occurred_at.timestamp()
    return Complaint(
        id=feedback.id,
        at=written,
        received_at=feedback.received_at.timestamp() if feedback.received_at else written,
        channel=feedback.channel,
        text=feedback.text,
        title=feedback.title,
        language=feedback.language,
        trace_id=feedback.trace.trace_id,
        request_id=feedback.trace.request_id,
        session=feedback.session,
        user=feedback.reporter.pseudonym,
        route=context.route,
        screen=context.screen,
        journey=context.journey,
        browser=context.browser,
        os=context.os,
        device=context.device,
        country=region[1].upper() if region else None,
        release=context.release,
        category=category,
    )


def hash_of(name: str | None) -> int:
    """64 bits of an id, whatever its case; 0 for none."""
    if not name:
        return 0
    plain = name.strip().lower()
    parent = TRACE_PARENT.fullmatch(plain)
    if parent:
        plain = parent[1]
    return int.from_bytes(blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).digest()) or 1


def hear(complaint: Complaint) -> Heard:
    """Keep what a call can be recognised by."""
    said = f"{complaint.title or ''} {complaint.text[:MAX_CHARS]}"
    return Heard(
        id=complaint.id,
        at=complaint.at,
        channel=complaint.channel,
        keys=(
            hash_of(complaint.trace_id),
            hash_of(complaint.request_id),
            hash_of(complaint.session),
            hash_of(complaint.user),
        ),
        mentioned=_mentioned(said),
        words=words_of_text(complaint.title, complaint.text),
        place=tuple(
            dict.fromkeys(
                word for name in (complaint.route, complaint.screen, complaint.journey) for word in words_of_name(name)
            )
        ),
        route=complaint.route or "",
        journey=complaint.journey or "",
        client=spell(complaint.browser, complaint.os, complaint.device, complaint.country, complaint.release),
        told=spoken_of(said),
        category=complaint.category or "",
        language=(complaint.language or "").partition("-")[0].lower(),
        when=tuple(replace(mention, said="") for mention in mentions(complaint.title, complaint.text)),
    )


def _mentioned(said: str) -> tuple[int, ...]:
    found = dict.fromkeys(name for name in MENTIONED.findall(said[:MAX_CHARS]) if len(name) >= SHORTEST_ID)
    return tuple(hash_of(name) for name in list(found)[:MOST_MENTIONED])
