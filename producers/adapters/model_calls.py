"""What is known of a call to a language model, and what it cost."""

from __future__ import annotations

from producers.adapters.attributes import Scalar
from producers.adapters.prices import COST_FROM, cost_by_table

MAX_COST = 1e9


def ai_part(
    *,
    provider: str | None = None,
    request_model: str | None = None,
    response_model: str | None = None,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    cached_tokens: int | None = None,
    cost: float | None = None,
    finish_reason: str | None = None,
) -> tuple[dict[str, object] | None, dict[str, Scalar]]:
    """The ``ai`` of a call and notes about it; no ``ai`` when neither provider, model nor tokens are known.

    ``cost`` is the gateway's own, in US dollars. Without one, or with 0 although tokens were used, which is how
    a gateway without prices writes it, the table of prices says it, and a note says that it did.
    """
    if provider is None and request_model is None and response_model is None and not input_tokens:
        return None, {}
    notes: dict[str, Scalar] = {}
    if cost is not None and not 0 <= cost <= MAX_COST:
        cost = None
    if not cost and (input_tokens or output_tokens):
        cost = cost_by_table(provider, response_model or request_model, input_tokens, output_tokens, cached_tokens)
        if cost is not None:
            notes["cost_from"] = COST_FROM
    said: dict[str, object] = {
        "provider": provider,
        "request_model": request_model,
        "response_model": response_model,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cached_tokens": cached_tokens,
        "cost": cost,
        "finish_reason": finish_reason,
    }
    return said, notes
