"""The fields of feedback, its groups, the matrix and the audit."""

from __future__ import annotations

from contracts.groups import Cells
from sinks.elasticsearch.mappings import (
    BOOLEAN,
    COMMON_HYPERCARE,
    DATE,
    FLATTENED,
    FLOAT,
    KEYWORD,
    LONG,
    SEARCHED,
    TEXT,
    TITLE,
    fields,
)

LINK = {
    "call": KEYWORD,
    "occurred_at": DATE,
    "by": KEYWORD,
    "points": FLOAT,
    "probability": FLOAT,
    "lag_s": FLOAT,
    "evidence": FLATTENED,
    "method": KEYWORD,
    "route": KEYWORD,
    "upstream": KEYWORD,
    "outcome": KEYWORD,
    "code": KEYWORD,
    "blame": KEYWORD,
}
FEEDBACK = {
    "hypercare": fields(
        **COMMON_HYPERCARE,
        revision=LONG,
        channel=KEYWORD,
        title=SEARCHED,
        language=KEYWORD,
        language_confidence=FLOAT,
        rating=fields(scale=KEYWORD, value=FLOAT),
        segment=KEYWORD,
        journey=KEYWORD,
        screen=KEYWORD,
        locale=KEYWORD,
        thread=KEYWORD,
        attachments=LONG,
        source=fields(system=KEYWORD, id=KEYWORD),
        masked=fields(secret=LONG, email=LONG, phone=LONG, card=LONG, account=LONG, ip=LONG, name=LONG),
        category=KEYWORD,
        category_probability=FLOAT,
        category_words=KEYWORD,
        category_by_analyst=BOOLEAN,
        needs_triage=BOOLEAN,
        language_supported=BOOLEAN,
        security_probability=FLOAT,
        security_words=KEYWORD,
        restricted=BOOLEAN,
        severity=FLOAT,
        severity_from_text=FLOAT,
        severity_words=KEYWORD,
        score=FLOAT,
        group=fields(
            id=KEYWORD,
            title=TITLE,
            decision=KEYWORD,
            similarity=FLOAT,
            confidence=FLOAT,
            evidence=FLATTENED,
            reason=TEXT,
            nearest=KEYWORD,
            suggested=KEYWORD,
            suggested_similarity=FLOAT,
            reports=LONG,
            reporters=LONG,
        ),
        match=KEYWORD,
        links=fields(**LINK),
        known_issue=fields(id=KEYWORD, title=TITLE, workaround=TEXT),
    ),
}
GROUPS = {
    "hypercare": fields(
        **COMMON_HYPERCARE,
        group=fields(
            id=KEYWORD,
            revision=LONG,
            title=TITLE,
            named_by_analyst=BOOLEAN,
            merged_into=KEYWORD,
            reports=LONG,
            reporters=LONG,
            last_hour=LONG,
            expected_hour=FLOAT,
            words=KEYWORD,
            routes=KEYWORD,
            releases=KEYWORD,
            channels=KEYWORD,
            languages=KEYWORD,
            representatives=KEYWORD,
        ),
        category=KEYWORD,
        restricted=BOOLEAN,
        known_issue=fields(id=KEYWORD),
    ),
}
CELLS = dict.fromkeys(Cells.model_fields, LONG)
MATRIX = {
    "hypercare": fields(
        **COMMON_HYPERCARE,
        journey=KEYWORD,
        matrix=fields(kind=KEYWORD, hour=fields(**CELLS), total=fields(**CELLS)),
    ),
}
AUDIT = {
    "hypercare": fields(
        **COMMON_HYPERCARE,
        audit=fields(
            subject=KEYWORD,
            subject_id=KEYWORD,
            actor=KEYWORD,
            accepted=BOOLEAN,
            command=KEYWORD,
            reason=TEXT,
            refusal=TEXT,
            before=FLATTENED,
            after=FLATTENED,
        ),
    ),
}
