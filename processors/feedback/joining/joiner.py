"""Joins complaints with symptoms, whichever comes first, and keeps count of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contracts.symptoms import Symptom
from processors.feedback.joining import weigh
from processors.feedback.joining.candidates import CALLS, KEEP_S, Candidates
from processors.feedback.joining.clients import CLIENTS, Clients
from processors.feedback.joining.columns import MOST_RATIO
from processors.feedback.joining.complaint import Complaint, Heard, hash_of, hear
from processors.feedback.joining.complaints import OPEN, Complaints, Open
from processors.feedback.joining.judge import Known, judge
from processors.feedback.joining.lags import LAGS, Lags
from processors.feedback.joining.links import Links, Relinked
from processors.feedback.joining.matrix import GREEN, MATRIX, OBSERVED, Matrix, MatrixRow, Place
from processors.feedback.joining.pattern import FailingPattern, tell
from processors.feedback.joining.patterns import PATTERNS, Patterns
from processors.feedback.joining.reporters import REPORTS, Reporters
from processors.feedback.joining.said_when import said_when
from processors.feedback.joining.wall_clocks import CLOCKS, WallClocks
from processors.runtime.tables import State, TableSpec

TABLES: tuple[TableSpec[Any], ...] = (CALLS, PATTERNS, CLIENTS, REPORTS, OPEN, LAGS, CLOCKS, MATRIX)
SURE = 0.8
"""Probability from which a call that is tied to a complaint teaches its lag, and counts as that person's."""
LOOKS_AT_ONCE = 100
"""Complaints that are looked at again in one `pass_time`, at most: a tenth of a second."""
FORGET_EVERY_S = 60.0
"""What is old is forgotten at full minutes, so that a restart between them makes no difference."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What the passing of time brought: complaints with other links, and rows of the matrix that changed."""

    relinked: tuple[Relinked, ...] = ()
    rows: tuple[MatrixRow, ...] = ()


class Joiner:
    """One per partition; it only indexes what the state holds. Times are in seconds since 1970.

    ``now`` is Kafka's time of the record that is processed. Projects are ``tenant/project/environment``.
    """

    def __init__(self, state: State) -> None:
        self._clients, self._patterns, self._lags = Clients(state), Patterns(state), Lags(state)
        self._candidates = Candidates(state, self._clients)
        self._reporters, self._complaints, self._matrix = Reporters(state), Complaints(state), Matrix(state)
        self._clocks = WallClocks(state)
        self._known = Known(self._candidates, self._patterns, self._clients, self._lags, self._reporters, self._clocks)
        self._claims: dict[tuple[str, int], dict[str, int]] = {}
        self._forgot_at = 0.0
        for project, found in self._complaints.all():
            self._claim(project, found, found.claims)

    def add_symptom(self, project: str, symptom: Symptom, now: float) -> tuple[Relinked, ...]:
        """Remember a call that went wrong; return the complaints that it changes.

        A complaint that names the same trace, request, session or user is looked at now, any other one when it is due.
        """
        keys = hash_of(symptom.trace_id), hash_of(symptom.request_id), hash_of(symptom.session), hash_of(symptom.user)
        pattern = self._patterns.take(project, symptom, now)
        client = self._clients.number(project, symptom, now)
        at, ratio = symptom.occurred_at.timestamp(), min(symptom.slow_ratio or 0.0, MOST_RATIO)
        self._candidates.add(project, symptom.call, (at, pattern, client, *keys, ratio), now)
        self._matrix.notice(project, symptom.route or "")
        found = self._complaints.with_keys(project, keys)
        return tuple(changed for one in found if (changed := self._look_again(project, one)) is not None)

    def join(self, project: str, complaint: Complaint, now: float) -> Links:
        """The calls behind a complaint; one that comes again gets the answer that it has by now."""
        known = self._complaints.get(project, complaint.id)
        if known is not None:
            self._look_again(project, known)
            return self._complete(project, judge(project, known.heard, self._known), known)
        found, closed = self._complaints.open(project, hear(complaint), now)
        for place, one in closed:
            self._let_go(place, one)
        links = judge(project, found.heard, self._known)
        self._take_over(project, found, links)
        return self._complete(project, links, found)

    def pass_time(self, now: float) -> Passed:
        """Look again at complaints that are due, close and forget what is old, tell what changed in the matrix."""
        relinked = []
        for _ in range(LOOKS_AT_ONCE):
            due = self._complaints.due(now)
            if due is None:
                break
            project, found = due
            changed = self._look_again(project, found, only_if_new=True)
            self._complaints.looked(project, found)
            relinked += [changed] if changed is not None else []
        for place, one in self._complaints.close_old(now):
            self._let_go(place, one)
        minute = now // FORGET_EVERY_S * FORGET_EVERY_S
        if minute != self._forgot_at:
            self._forgot_at = minute
            self._forget(minute - KEEP_S)
        rows = [
            row
            for project in self._matrix.projects()
            for row in self._matrix.rows(project, self._patterns, self._reporters, now)
        ]
        return Passed(tuple(relinked), tuple(rows))

    def patterns(self, project: str) -> tuple[FailingPattern, ...]:
        """Every failing pattern of a project with its reports and reporters, the most reported first."""
        found = []
        for number, pattern in self._patterns.of(project):
            reports = self._reporters.of(project, number)
            found.append(tell(project, pattern, reports.reports, reports.reporters))
        return tuple(sorted(found, key=lambda one: (-one.reporters, -one.reports, -one.calls, one.id)))

    def _look_again(self, project: str, found: Open, *, only_if_new: bool = False) -> Relinked | None:
        if only_if_new and not self._has_new(project, found):
            return None
        links = judge(project, found.heard, self._known)
        if not self._take_over(project, found, links):
            return None
        return Relinked(project, self._complete(project, links, found))

    def _has_new(self, project: str, found: Open) -> bool:
        shortest, longest = self._lags.span(project, found.heard.channel)
        spans = [(found.heard.at - longest, found.heard.at - shortest)]
        when = said_when(project, found.heard, self._clocks, self._lags)
        spans += when.further() if when is not None else []
        return any(len(self._candidates.between(project, *span, since_row=found.seen_row)) for span in spans)

    def _take_over(self, project: str, found: Open, links: Links) -> bool:
        """Note an answer; return whether it differs from the one before."""
        columns = self._candidates.of(project)
        found.seen_row = columns.end if columns is not None else 0
        first = links.links[0] if links.links else None
        row = first.row if first else -1
        pattern = self._number_of(project, row, links)
        changed = (links.verdict, row, pattern) != (found.verdict, found.row, found.pattern)
        if changed and found.judged:
            found.revision += 1
        if changed or not found.judged:
            self._count(project, found, links, pattern)
            found.verdict, found.row, found.pattern = links.verdict, row, pattern
            found.judged = True
        sure = first is not None and first.by != "anonymous" and first.probability >= SURE
        self._claim(project, found, row if sure else -1)
        self._teach(project, found, first.lag_s if sure and first else None)
        self._complaints.keep(project, found)
        return changed

    def _number_of(self, project: str, row: int, links: Links) -> int:
        columns = self._candidates.of(project)
        if row < 0 or links.pattern is None or columns is None:
            return 0
        return self._patterns.number(project, links.pattern)

    def _count(self, project: str, found: Open, links: Links, pattern: int) -> None:
        """Count it in the matrix and at its pattern, and no longer where it was counted before."""
        if found.place is not None:
            self._matrix.count(project, found.place, found.came_at, -1)
        if found.pattern:
            self._reporters.take_back(project, found.pattern, _person(found.heard), found.came_at)
        if pattern:
            self._reporters.add(project, pattern, _person(found.heard), found.came_at)
        found.place = _place(found.heard, links)
        if found.place is not None:
            self._matrix.count(project, found.place, found.came_at)

    def _claim(self, project: str, found: Open, row: int) -> None:
        """Note that a call is this person's, and that the one before is not."""
        for before in {found.claims, row} - {-1}:
            people = self._claims.setdefault((project, before), {})
            people.pop(found.heard.id, None)
            if before == row:
                people[found.heard.id] = _person(found.heard)
            self._show_claim(project, before)
        found.claims = row

    def _show_claim(self, project: str, row: int) -> None:
        people = self._claims[project, row]
        columns = self._candidates.of(project)
        if columns is not None:
            columns.claim(row, min(people.values(), default=0))
        if not people:
            del self._claims[project, row]

    def _teach(self, project: str, found: Open, lag: float | None) -> None:
        if lag == found.taught:
            return
        for taught, weight in ((found.taught, -1.0), (lag, 1.0)):
            if taught is not None:
                heard = found.heard
                self._lags.learn(project, heard.channel, taught, weight)
                for mention in heard.when:
                    self._clocks.learn(project, heard.client[3], mention, heard.at - taught, weight)
        found.taught = lag

    def _let_go(self, project: str, found: Open) -> None:
        if found.claims != -1:
            self._claim(project, found, -1)

    def _forget(self, before: float) -> None:
        self._candidates.forget(before)

        def unused(project: str) -> float:
            return min(before, self._candidates.oldest(project))

        self._clients.forget(unused)
        for project, number, pattern in self._patterns.forget(unused):
            if not self._reporters.of(project, number).reports:
                self._matrix.bury(project, pattern.route, pattern.calls)
            self._reporters.forget(project, number)

    def _complete(self, project: str, links: Links, found: Open) -> Links:
        """With the reports of the pattern and the revision."""
        if links.pattern is None:
            return replace(links, revision=found.revision)
        reports = self._reporters.of(project, found.pattern)
        pattern = replace(links.pattern, reports=reports.reports, reporters=reports.reporters)
        return replace(links, pattern=pattern, revision=found.revision)


def _place(heard: Heard, links: Links) -> Place | None:
    """Where it counts in the matrix; who does not say that anything is wrong counts nowhere."""
    if links.verdict == "match":
        return Place(OBSERVED, links.pattern.route if links.pattern else "", heard.journey)
    return Place(GREEN, heard.route, heard.journey) if weigh.tone(heard) > 0 else None


def _person(heard: Heard) -> int:
    """Hash of who complains: the user, else the session, else the complaint itself."""
    return heard.keys[3] or heard.keys[2] or hash_of(heard.id)
