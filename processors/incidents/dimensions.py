"""How the calls of one cause lie to those of another: Venn rules on canonical dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from contracts.findings import Cause, Dimension

Key = tuple[tuple[str, str], ...]
"""Attributes with their values, sorted by attribute; empty for all calls of a project."""
Relation = Literal["equal", "narrower", "broader", "overlapping", "apart"]


def canonical(cause: Iterable[Dimension]) -> Key:
    """The key of a cause, the same whatever the order in which its dimensions were found."""
    return tuple(sorted((dimension.attribute, dimension.value) for dimension in cause))


def cause_of(key: Key) -> Cause:
    """The cause as it is told."""
    return tuple(Dimension(attribute=attribute, value=value) for attribute, value in key)


def relation(one: Key, other: Key) -> Relation:
    """How the calls of ``one`` lie to those of ``other``.

    More dimensions select fewer calls. ``overlapping`` share a dimension and contradict each other in none; those that
    share none are ``apart``, since any two causes would have some calls in common.
    """
    first, second = dict(one), dict(other)
    if first == second:
        return "equal"
    if any(second.get(attribute, value) != value for attribute, value in first.items()):
        return "apart"
    if second.items() <= first.items():
        return "narrower"
    if first.items() <= second.items():
        return "broader"
    return "overlapping" if first.items() & second.items() else "apart"


def selects(key: Key, call: Mapping[str, str]) -> bool:
    """Whether a call with these attributes is one of the cause's; what is not known of the call does not fit."""
    return all(call.get(attribute) == value for attribute, value in key)


def may_select(key: Key, known: Mapping[str, str]) -> bool:
    """Whether a call of which only some attributes are known may be one of the cause's: something fits, nothing not."""
    fits = [known[attribute] == value for attribute, value in key if attribute in known]
    return bool(fits) and all(fits)


def spelled(key: Key) -> str:
    """In words: ``upstream payments + browser Mobile Safari``."""
    return " + ".join(f"{attribute} {value}" for attribute, value in key) or "the whole project"
