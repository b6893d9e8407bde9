"""Every query in the file can be read, and means to Kibana what the same condition means in our own searches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sinks.kibana.catalogue import DASHBOARDS, saved_objects
from sinks.kibana.columns import Filters
from sinks.kibana.conditions import Condition
from sinks.kibana.panels import Chart
from sinks.kibana.searches import SEARCHES
from tests.unit.kibana.kql import parsed


def conditions() -> Iterator[Condition]:
    """All that are written anywhere."""
    yield from (search.where for search in SEARCHES if search.where)
    for panel in (panel for dashboard in DASHBOARDS for panel in dashboard.charts):
        yield from (panel.where,) if panel.where else ()
        yield from (mark.where for mark in getattr(panel, "marks", ()) if isinstance(panel, Chart))
        for layer in panel.layers:
            yield from (number.where for number in layer.numbers if number.where)
            for bucket in layer.by:
                yield from (where for _, where in bucket.groups) if isinstance(bucket, Filters) else ()


@pytest.mark.parametrize("condition", dict.fromkeys(conditions()), ids=lambda condition: condition.kql)
def test_both_languages_say_the_same(condition: Condition) -> None:
    assert parsed(condition.kql) == condition.dsl


def queries(part: Any) -> Iterator[str]:
    """Every query in Kibana's language, however deep; texts that hold JSON are opened."""
    if isinstance(part, dict):
        if part.get("language") == "kuery" and isinstance(part.get("query"), str):
            yield part["query"]
        for value in part.values():
            yield from queries(value)
    elif isinstance(part, list):
        for value in part:
            yield from queries(value)
    elif isinstance(part, str) and part[:1] in {"{", "["}:
        try:
            yield from queries(json.loads(part))
        except ValueError:
            return  # Painless begins so, too


def test_every_query_in_the_file_can_be_read() -> None:
    found = {query for one in saved_objects() for query in queries(one)} - {""}
    assert len(found) > 20
    for query in found:
        parsed(query)


@pytest.mark.parametrize("wrong", ["a:", "a: (1 or", "a 1", "(a: 1", "a: 1)", '"a": 1', "a: 1 or", 'a: "x'])
def test_what_kibana_would_refuse_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(wrong)
