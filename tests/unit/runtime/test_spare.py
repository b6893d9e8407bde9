"""Who is spare, and who is stuck."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from processors.runtime.spare import Place, is_spare

ALL = {("calls", 0), ("calls", 1)}
FIRST, SECOND = {("calls", 0)}, {("calls", 1)}


@pytest.mark.parametrize(
    ("owned", "spare"),
    [
        ({"me": set(), "a": ALL}, True),
        ({"me": set(), "a": FIRST, "b": SECOND}, True),
        ({"me": SECOND, "a": FIRST}, False),  # given to it, and it does not know
        ({"me": set(), "a": FIRST}, False),  # nobody has the second
        ({"me": set()}, False),
        ({"a": ALL}, False),  # it is no member
    ],
)
def test_spare_is_who_has_nothing_where_others_have_all(owned: Mapping[str, set[Place]], *, spare: bool) -> None:
    assert is_spare("me", owned, ALL) is spare


def test_nobody_is_spare_where_there_is_nothing_to_own() -> None:
    assert not is_spare("me", {"me": set(), "a": set()}, set())
