"""Sums of calls to language models, by provider, the model that was asked for and the one that answered."""

from __future__ import annotations

import math
from collections.abc import Iterator

from contracts.calls import EnrichedCall
from contracts.windows import AI_COUNTS, LOG_TOKENS, MAX_AI, OTHER, UNKNOWN, AiSums
from processors.runtime import metrics

TRUNCATED = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "MAX_TOKENS", "LENGTH"})
"""Reasons to finish that mean the answer was cut off, as providers spell them (OpenAI, Anthropic, Mistral, Google)."""
Key = tuple[str, str, str]
Known = dict[Key, list[int]]
"""Provider, request model and response model → the numbers of `AI_COUNTS`."""


def add_ai_call(known: Known, call: EnrichedCall) -> None:
    """Count a call, if it went to a language model."""
    ai = call.ai
    if ai is None or not (ai.provider or ai.request_model):
        return
    key = ai.provider or UNKNOWN, ai.request_model or UNKNOWN, ai.response_model or UNKNOWN
    if key not in known and len(known) >= MAX_AI - 1:
        metrics.CAPPED.labels("ai").inc()
        key = OTHER, OTHER, OTHER
    outcome, log = call.outcome, 0
    measured = outcome == "ok" and ai.output_tokens is not None
    if measured:
        log = round(LOG_TOKENS * math.log1p(ai.output_tokens or 0))
    added = (
        1,
        outcome == "ok",
        outcome == "rate_limited",
        outcome == "ok" and ai.finish_reason in TRUNCATED,
        ai.input_tokens or 0,
        ai.output_tokens or 0,
        ai.cached_tokens or 0,
        round(1e6 * (ai.cost or 0.0)),
        measured,
        log,
        log * log,
    )
    sums = known.get(key)
    known[key] = [int(new) for new in added] if sums is None else [a + b for a, b in zip(sums, added, strict=True)]


def ai_sums(known: Known) -> Iterator[AiSums]:
    """As they are published."""
    for (provider, request_model, response_model), sums in known.items():
        names = {"provider": provider, "request_model": request_model, "response_model": response_model}
        yield AiSums.trusted({**names, **dict(zip(AI_COUNTS, sums, strict=True))})
