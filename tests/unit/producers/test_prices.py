from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.adapters.model_calls import ai_part
from producers.adapters.prices import PRICES, cost_by_table, price_of, read_table

TOKENS = st.integers(0, 190_000)


def test_every_price_has_a_source_and_makes_sense() -> None:
    table = read_table()
    assert date.fromisoformat(table["version"])
    assert all(re.search(r"https://\S+", said) for said in table["sources"].values())
    for row in table["prices"]:
        assert row["source"] in table["sources"]
        assert row["provider"] in table["providers"]
        assert 0 < row.get("cached", row["input"] / 2) < row["input"] < row["output"]
    assert len(PRICES) == len(table["prices"])
    assert {row["source"] for row in table["prices"]} == set(table["sources"])


def test_cost_is_tokens_times_price() -> None:
    assert cost_by_table("openai", "gpt-4o-mini", 1_000_000, 1_000_000, None) == 0.75
    assert cost_by_table("openai", "gpt-4o-mini", 1_000_000, 0, 400_000) == pytest.approx(0.6 * 0.15 + 0.4 * 0.075)


@pytest.mark.parametrize("model", ["gpt-4o-mini", "GPT-4o-mini", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"])
def test_a_version_costs_what_its_model_costs(model: str) -> None:
    assert price_of("openai", model) is PRICES["gpt-4o-mini"]


@pytest.mark.parametrize(
    ("provider", "model", "tokens", "cached"),
    [
        ("openai", "gpt-4o-mini-tts", 10, 0),
        ("openai", "my-model", 10, 0),
        ("azure", "gpt-4o-mini", 10, 0),
        ("openai", "bedrock/claude-sonnet-4-5", 10, 0),
        ("openai", None, 10, 0),
        ("openai", "gpt-4o-mini", None, 0),
        ("openai", "gpt-4o-mini", 10, 11),
        ("openai", "gpt-4.1", 10, 5),
        ("openai", "gpt-5.5", 272_001, 0),
    ],
)
def test_no_cost_is_better_than_a_wrong_one(provider: str, model: str | None, tokens: int | None, cached: int) -> None:
    assert cost_by_table(provider, model, tokens, 5, cached) is None


@given(more=st.lists(TOKENS, min_size=2, max_size=5), output=TOKENS)
def test_more_tokens_never_cost_less(more: list[int], output: int) -> None:
    costs = [cost_by_table(None, "gpt-4o", tokens, output, 0) or 0.0 for tokens in sorted(more)]
    assert all(fewer <= many for fewer, many in pairwise(costs))


@given(tokens=TOKENS, cached=TOKENS)
def test_cached_tokens_never_cost_more(tokens: int, cached: int) -> None:
    cached = min(tokens, cached)
    plain, saved = (cost_by_table(None, "gpt-4o", tokens, 0, some) for some in (0, cached))
    assert plain is not None
    assert saved is not None
    assert 0 <= saved <= plain


def test_the_gateways_own_cost_wins() -> None:
    part, notes = ai_part(provider="openai", request_model="gpt-4o-mini", input_tokens=10, cost=5.0)
    assert part is not None
    assert (part["cost"], notes) == (5.0, {})


@pytest.mark.parametrize("cost", [None, 0.0, -1.0, 1e12])
def test_a_cost_that_is_none_comes_from_the_table_and_says_so(cost: float | None) -> None:
    part, notes = ai_part(provider="openai", request_model="gpt-4o-mini", input_tokens=10, cost=cost)
    assert part is not None
    assert part["cost"] == 1.5e-06
    assert notes == {"cost_from": f"prices of {read_table()['version']}"}
