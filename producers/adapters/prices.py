"""What calls to language models cost by the providers' price lists, for gateways that do not say it.

The table is ``prices.json``, with its date and a source for each price. A model that is not in it, a provider that
resells it, a prompt beyond the length its price holds for, or cached tokens without a price for them: no cost is
better than a wrong one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

TABLE = Path(__file__).with_name("prices.json")
PER = 1e6
"""Prices are for a million tokens."""
_DATED = re.compile(r"-(?:20\d{6}|20\d\d-\d\d-\d\d|latest)$", re.ASCII)
"""A version of a model, such as ``gpt-4o-mini-2024-07-18``, costs what the model costs."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens; ``up_to`` is the longest prompt that it holds for."""

    providers: frozenset[str]
    input: float
    output: float
    cached: float | None = None
    up_to: int | None = None


def read_table() -> dict[str, Any]:
    """The table as it is written."""
    table: dict[str, Any] = orjson.loads(TABLE.read_bytes())
    return table


def _prices(table: dict[str, Any]) -> dict[str, Price]:
    return {
        row["model"]: Price(
            providers=frozenset(table["providers"][row["provider"]]),
            input=float(row["input"]),
            output=float(row["output"]),
            cached=row.get("cached"),
            up_to=row.get("up_to"),
        )
        for row in table["prices"]
    }


_TABLE = read_table()
PRICES = _prices(_TABLE)
COST_FROM = f"prices of {_TABLE['version']}"


@lru_cache(maxsize=1_000)
def price_of(provider: str | None, model: str | None) -> Price | None:
    """The price of a model, whose name may carry its provider in front and its date behind."""
    if model is None:
        return None
    seller, _, name = model.lower().rpartition("/")
    price = PRICES.get(name) or PRICES.get(_DATED.sub("", name))
    known = {said for said in (provider.lower() if provider else "", seller) if said}
    return price if price and known <= price.providers else None


def cost_by_table(
    provider: str | None, model: str | None, input_tokens: int | None, output_tokens: int | None, cached: int | None
) -> float | None:
    """US dollars of one call; ``input_tokens`` contain the cached ones. None when it cannot be told."""
    price = price_of(provider, model)
    if price is None or input_tokens is None:
        return None
    cached = cached or 0
    if cached > input_tokens or (cached and price.cached is None) or (price.up_to and input_tokens > price.up_to):
        return None
    fresh = (input_tokens - cached) * price.input + (output_tokens or 0) * price.output
    return round((fresh + cached * (price.cached or 0.0)) / PER, 9)
