"""The queries of docs/questions.md on seeded data: each answer is what plain Python makes of the events."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.audit import AuditEntry
from contracts.calls import EnrichedCall
from contracts.feedback import EnrichedFeedback
from contracts.incidents import OPEN, Incident
from tests.integration.test_search import PROJECT, chain, client  # noqa: F401 - fixtures
from tests.unit.kibana.chain import Chain
from tests.unit.kibana.seeded import incidents_now

pytestmark = pytest.mark.engines

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
QUESTIONS = {
    int(number): json.loads(query)
    for number, query in re.findall(r"^## (\d+)\. .*?```json\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
}
BAD = {"gateway_error", "upstream_error", "timeout", "rate_limited"}
Answer = dict[str, Any]


def ask(client: Any, number: int) -> Answer:  # noqa: F811
    """Of one project, as somebody would add it."""
    said = QUESTIONS[number]
    said["body"]["query"]["bool"]["filter"].append({"term": {"hypercare.project": PROJECT}})
    found: Answer = client.search(index=said["index"], **said["body"]).body
    return found


def counts(answer: Answer, name: str) -> dict[str, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"][name]["buckets"]}


def hits(answer: Answer, *path: str) -> list[str]:
    found = []
    for hit in answer["hits"]["hits"]:
        value = hit["_source"]
        for step in path:
            value = value[step]
        found.append(value)
    return found


def calls(chain: Chain, *, bad: bool = False) -> list[EnrichedCall]:  # noqa: F811
    return [call for call in chain.of(EnrichedCall) if not bad or call.outcome in BAD]


def latest(chain: Chain) -> list[EnrichedFeedback]:  # noqa: F811
    return list({one.id: one for one in chain.of(EnrichedFeedback)}.values())


def opened(chain: Chain) -> list[Incident]:  # noqa: F811
    return [one for one in incidents_now(chain).values() if one.state in OPEN]


def next_to_fix(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    known = {one.incident: (one.priority, -round(one.score.order, 2)) for one in opened(chain)}
    told = hits(answer, "hypercare", "incident", "id")
    assert len(told) == min(20, len(known))
    return [known[name] for name in told] == sorted(known.values())[: len(told)]  # of equal ones either may be first


def share(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    every, bad = calls(chain), calls(chain, bad=True)
    assert answer["hits"]["total"]["value"] == len(every)
    return bool(answer["aggregations"]["share"]["value"] == pytest.approx(len(bad) / len(every)))


def worst_routes(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    every = Counter(call.request.route for call in calls(chain, bad=True) if call.request.route)
    told = counts(answer, "routes")
    return list(told.values()) == [count for _, count in every.most_common(10)] and all(
        every[route] == count for route, count in told.items()
    )


def by_browser(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    by: dict[str, list[bool]] = defaultdict(list)
    for call in calls(chain):
        if call.user_agent.browser:
            by[call.user_agent.browser].append(call.outcome in BAD)
    told = {bucket["key"]: bucket["share"]["value"] for bucket in answer["aggregations"]["browsers"]["buckets"]}
    return told == {name: pytest.approx(sum(bad) / len(bad)) for name, bad in by.items()}


def sides(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    return counts(answer, "sides") == dict(Counter(call.blame for call in calls(chain, bad=True)))


def people(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    by: dict[str, set[str]] = defaultdict(set)
    for one in latest(chain):
        if one.group:
            by[one.group.group] |= {one.reporter.pseudonym} if one.reporter.pseudonym else set()
    told = {bucket["key"]: bucket["people"]["value"] for bucket in answer["aggregations"]["problems"]["buckets"]}
    return told == {group: len(names) for group, names in by.items()}


def linked(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    return bool(answer["hits"]["total"]["value"] == sum(bool(one.links) for one in latest(chain)))


def waiting(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    return set(hits(answer, "event", "id")) == {
        one.id for one in latest(chain) if one.category and one.category.needs_triage
    }


def late(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    return set(hits(answer, "hypercare", "incident", "id")) == {
        one.incident for one in opened(chain) if any(target.state == "late" for target in one.targets)
    }


def deeds(answer: Answer, chain: Chain) -> bool:  # noqa: F811
    entries = {one.id: one for one in chain.of(AuditEntry)}.values()
    return counts(answer, "deeds") == dict(Counter(o.action for o in entries if o.accepted and o.actor != "system"))


KNOWN: dict[int, Callable[[Answer, Chain], bool]] = dict(
    enumerate((next_to_fix, share, worst_routes, by_browser, sides, people, linked, waiting, late, deeds), 1)
)


def test_there_are_ten() -> None:
    assert list(QUESTIONS) == list(KNOWN)


@pytest.mark.parametrize("number", list(KNOWN))
def test_a_question_is_answered_with_what_happened(client: Any, chain: Chain, number: int) -> None:  # noqa: F811
    answer = ask(client, number)
    assert answer["hits"]["total"]["value"] > 0, "there is something to answer"
    assert KNOWN[number](answer, chain), answer
