"""Groups as they are told to others: whole, with a revision that only grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from contracts.cloudevents import derived_id
from contracts.groups import MOST_LISTED, Counted, FeedbackGroup, Listed
from contracts.limits import MOST
from contracts.understanding import CategoryName
from processors.feedback.grouping.grouper import Grouper
from processors.feedback.grouping.report import Group
from processors.feedback.known_issues import KnownIssues
from processors.runtime.tables import State, TableSpec, table_of

RESTRICTED = "#restricted"
"""Behind the name of a project: what may speak of a weakness is grouped apart, so that no open title shows it.

Where it was grouped when it came is no decision about who may read it: that follows from its reports as they are judged
now (`restriction.py`).
"""
WORDS = 12
EMPTY = "(no reports any more)"
LISTS = (
    "words", "representatives", "routes", "journeys", "releases", "channels", "errors", "categories", "languages",
)  # fmt: skip


@dataclass(slots=True)
class Told:
    """What was said of a group so far, and whether a report that few may read was forgotten while it was in it.

    ``counted`` says that its reports themselves say who may read them; before that was kept, only ``restricted`` did.
    """

    revision: int = -1
    restricted: bool = False
    lost: bool = False
    counted: bool = False


TOLD: TableSpec[Told] = table_of(Told, "feedback_told_groups", capacity=20_000)


class ToldGroups:
    """The groups of one partition's projects. A project is named ``tenant/project/environment``, perhaps restricted.

    ``is_restricted`` says of a group whether few may read it now.
    """

    def __init__(
        self, state: State, grouper: Grouper, issues: KnownIssues, is_restricted: Callable[[str, str], bool]
    ) -> None:
        self._told, self._grouper, self._issues, self._is_restricted = state[TOLD], grouper, issues, is_restricted

    def turned(self, where: str, groups: Iterable[str]) -> list[str]:
        """Of these and what became part of the same, those that few may read now and all could, or the other way."""
        index = self._grouper.memory.project(where)
        found: dict[str, None] = {}
        for name in groups:
            root = index.root(name)
            if self._turned(where, name) or self._turned(where, root):
                found |= dict.fromkeys(one for one in (root, *index.parts(root)) if self._turned(where, one))
        return list(found)

    def _turned(self, where: str, group: str) -> bool:
        told = self._told.get(f"{where}|{group}")
        return told is not None and told.restricted != self._is_restricted(where, group)

    def tell(self, where: str, groups: Iterable[str], at: int) -> Iterator[FeedbackGroup]:
        """Each group as it is at a moment in seconds since 1970; one that became part of another says of which."""
        for name in dict.fromkeys(groups):
            group = self._grouper.group(where, name, at)
            if group is None and f"{where}|{name}" in self._told:
                group = _nothing_left(where, name, at)
            if group is not None:
                yield self._event(where, name, group, at)

    def _event(self, where: str, name: str, group: Group, at: int) -> FeedbackGroup:
        key = f"{where}|{name}"
        told = self._told.get(key) or Told(counted=True)
        told.revision += 1
        told.restricted, told.counted = self._is_restricted(where, name), True
        self._told[key] = told
        tenant, project, environment = where.removesuffix(RESTRICTED).split("/", 2)
        issue = self._issues.of(where, group.id)
        categories = [value for value, _ in group.categories if value in get_args(CategoryName)]
        return FeedbackGroup.model_validate(
            {
                "id": derived_id(key, told.revision),
                "occurred_at": _moment(at),
                "tenant": tenant,
                "project": project,
                "environment": environment,
                "group": name,
                "revision": told.revision,
                "title": group.title,
                "restricted": told.restricted,
                "merged_into": group.id if group.id != name else None,
                "category": categories[0] if categories else None,
                "reports": group.reports,
                "reporters": group.reporters,
                "anonymous": group.anonymous,
                "first_at": _moment(group.first_at),
                "last_at": _moment(group.last_at),
                "last_hour": group.last_hour,
                "expected_hour": group.expected,
                "words": group.words[:WORDS],
                "routes": _listed(group.routes),
                "releases": _listed(group.releases),
                "channels": _listed(group.channels),
                "languages": _listed(group.languages),
                "representatives": group.representatives[:5],
                "known_issue": issue.issue if issue else None,
            }
        )


def _nothing_left(where: str, name: str, at: int) -> Group:
    """What is told of a group whose reports were all moved elsewhere."""
    return Group(
        project=where,
        id=name,
        title=EMPTY,
        reports=0,
        reporters=0,
        anonymous=0,
        first_at=at,
        last_at=at,
        last_hour=0,
        expected=0.0,
        **dict.fromkeys(LISTS, ()),
    )


def _listed(counted: tuple[tuple[str, int], ...]) -> Listed:
    return tuple(Counted(value=value, count=min(count, MOST)) for value, count in counted[:MOST_LISTED] if value)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
