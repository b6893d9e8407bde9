"""One raw piece of feedback → one that may be stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from contracts.feedback import Context, EnrichedFeedback, Feedback, Masked, Rating, Reporter
from contracts.feedback import Source as FeedbackSource
from contracts.last_look import last_look, look_at_attributes
from contracts.limits import MAX_ATTRIBUTES
from contracts.personal_data import mask_personal_data
from contracts.pseudonyms import pseudonym, pseudonym_of_person
from contracts.secrets import mask_query
from processors.feedback.cleaning.clean import clean
from processors.feedback.fitting import within_limits
from processors.feedback.language import identify_language, is_supported

OUT_OF_SCALE = "rating_out_of_scale"
"""Note, and name of the attribute, of a rating that is not on its scale, such as nine of five stars."""
DEFAULTS: dict[str, Any] = {name: field.default for name, field in EnrichedFeedback.model_fields.items()}


def enrich(
    feedback: Feedback, pseudonym_key: bytes, *, origin: str | None = None, noted: Sequence[str] = ()
) -> EnrichedFeedback:
    """Cut and mask the text, key the pseudonyms, and identify the language.

    Masking does not degrade: if it fails, the error ends the process, because nothing unmasked may be stored.
    """
    cleaned = clean(feedback)
    counts = cleaned.masked
    notes = [*noted, *cleaned.notes]
    changes: dict[str, Any] = {
        "text": cleaned.text,
        "title": cleaned.title,
        "reporter": _hide_reporter(feedback.reporter, pseudonym_key),
        "session": pseudonym(feedback.session, pseudonym_key) if feedback.session else None,
        "attachments": tuple(mask_query(reference)[0] for reference in feedback.attachments),
        "source": _hide_source(feedback.source, pseudonym_key),
        "context": _hide_context(feedback.context),
        "thread": _hide_address(feedback.thread, pseudonym_key),
        "origin": origin,
    }
    changes["attributes"] = _look_at_attributes(feedback, counts)
    if feedback.rating and not feedback.rating.fits:
        changes |= _without_rating(feedback.rating, changes["attributes"])
        notes.append(OUT_OF_SCALE)
    if not feedback.language:
        said = f"{changes['title'] or ''} {changes['text']}"
        changes["language"], changes["language_confidence"] = identify_language(said)
        if changes["language"] is None:
            notes.append("language_unknown")
    language = feedback.language or changes["language"]
    if language and not is_supported(language):
        notes.append("language_unsupported")
    fields, found = last_look({**DEFAULTS, **feedback.__dict__, **changes}, pseudonym_key)
    if counts.total() or found:
        notes.append("personal_data_masked")
    fields["masked"] = Masked(**counts)
    fields["notes"] = tuple(notes)
    return within_limits(EnrichedFeedback.trusted(fields))


def _without_rating(rating: Rating, attributes: dict[str, Any]) -> dict[str, Any]:
    """Keep what was given as an attribute, where there is room: it must not count as a rating."""
    if len(attributes) < MAX_ATTRIBUTES:
        attributes = {OUT_OF_SCALE: f"{rating.scale} {rating.value:g}", **attributes}
    return {"rating": None, "attributes": attributes}


def _look_at_attributes(feedback: Feedback, counts: Counter[str]) -> dict[str, Any]:
    """Mask attributes as what a person wrote, and count each kind; what was masked by name alone is a secret."""
    before = counts.total()

    def mask(text: str) -> tuple[str, int]:
        masked, found = mask_personal_data(text)
        counts.update(found)
        return masked, sum(found.values())

    looked, total = look_at_attributes(feedback.attributes, mask)
    counts["secret"] += total - (counts.total() - before)
    return looked


def _hide_source(source: FeedbackSource, key: bytes) -> FeedbackSource:
    return FeedbackSource.trusted(
        {**source.__dict__, "id": _hide_address(source.id, key), "url": _mask_url(source.url)}
    )


def _hide_context(context: Context) -> Context:
    return Context.trusted({**context.__dict__, "route": _mask_url(context.route), "screen": _mask_url(context.screen)})


def _mask_url(url: str | None) -> str | None:
    return mask_query(url)[0] if url else url


def _hide_address(name: str | None, key: bytes) -> str | None:
    """An id may be an address, as those of e-mails are: then only its pseudonym stays, which still ties threads."""
    return pseudonym(name, key) if name and "@" in name else name


def _hide_reporter(reporter: Reporter, key: bytes) -> Reporter:
    """Only a pseudonym stays; who can be answered only by address is pseudonymised by that address."""
    name = reporter.pseudonym if (reporter.pseudonym or "").strip() else reporter.contact_ref
    return Reporter.trusted(
        {
            "pseudonym": pseudonym_of_person(name, key) if name and name.strip() else None,
            "role": reporter.role,
            "segment": reporter.segment,
            "contact_ref": None,
        }
    )
