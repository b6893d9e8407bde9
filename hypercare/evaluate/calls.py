"""Judges the calls of a file: what would have been found, and when, had they come as they happened.

`hypercare evaluate calls` reads any log that can be imported, NDJSON of the contract included, and writes every change
of a finding as one JSON object a line. No Kafka and no Elasticsearch take part; the rules are those of the stages. The
clock is the calls' own, so the file has to be in order of time, give or take some seconds.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.agreements import Project
from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected, Stop
from contracts.event import Event
from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from processors.runtime.stage import Skipped
from producers.adapters.adapter import Adapter
from producers.files import Progress
from producers.importing import import_file
from producers.outlet import MemoryOutlet


@dataclass(slots=True)
class Judged:
    """How many calls and signals were read and refused, and the last that was said of each finding."""

    calls: int = 0
    signals: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)


class _Judge:
    """Takes calls in place of Kafka."""

    def __init__(self, projects: Sequence[Project], signals: Sequence[Event], write: Callable[[Finding], None]) -> None:
        self._pipeline = Pipeline(projects)
        self._signals = deque(sorted(signals, key=lambda signal: signal.occurred_at))
        self._write = write
        self._now_ms = 0
        self.said = Judged()

    def publish(self, event: Event, *, backfill: bool = False) -> None:
        del backfill
        self._now_ms = max(self._now_ms, int(event.occurred_at.timestamp() * 1000))
        self._notice()
        self.said.calls += 1
        self._judge(self._pipeline.take, event)

    def publish_dead_letter(self, letter: DeadLetter) -> None:
        self.said.refused[letter.reason] += 1

    def flush(self, timeout_s: float = 120.0) -> None:
        del timeout_s
        self._notice()
        self._note(list(self._pipeline.end(self._now_ms)))

    def _notice(self) -> None:
        """Feed the signals that came before the next call."""
        while self._signals and self._signals[0].occurred_at.timestamp() * 1000 <= self._now_ms:
            self.said.signals += 1
            self._judge(self._pipeline.notice, self._signals.popleft())

    def _judge(self, take: Callable[[int, bytes], list[Finding]], event: Event) -> None:
        try:
            self._note(take(self._now_ms, event.encode()))
        except Skipped as skipped:
            self.said.refused[skipped.reason] += 1
        except Rejected as rejected:
            self.said.refused[rejected.reason] += 1

    def _note(self, findings: list[Finding]) -> None:
        for finding in findings:
            self._write(finding)
            self.said.findings[finding.finding] = finding


def judge_calls(
    source: str,
    output: Path,
    *,
    signals: str = "",
    projects: Sequence[Project] = (),
    project: str = "default",
    adapter: Adapter | None = None,
    progress: Progress | None = None,
) -> Judged:
    """Judge a file of calls, and one of the signals that came with them.

    Raise `Stop` when one cannot be read or understood, `OSError` when it cannot be answered.
    """
    with output.open("w", encoding="utf-8") as answers:
        judge = _Judge(
            projects, _read(signals, project), lambda finding: print(finding.encode().decode(), file=answers)
        )
        import_file(source, kind="calls", publisher=judge, project=project, adapter=adapter, progress=progress)
    return judge.said


def _read(signals: str, project: str) -> Sequence[Event]:
    read = MemoryOutlet()
    if signals:
        report = import_file(signals, kind="signals", publisher=read, project=project)
        if report.rejected:
            _, reason, detail = report.first_rejections[0]
            raise Stop(f"{report.rejected} lines of {signals} are no signals: {reason} {detail}", fix="mend them")
    return read.events
