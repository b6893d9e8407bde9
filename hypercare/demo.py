"""The main job, once through: files in, through Kafka and Faust, into Elasticsearch, and a summary out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contracts.errors import Stop
from contracts.incidents import Incident
from contracts.windows import WINDOW_S
from hypercare.engines.engine import Endpoints, Progress
from hypercare.incidents.ranked import Which, ranked
from hypercare.incidents.told import read_now
from hypercare.lag import StageLag, stage_lags
from hypercare.reading_bar import reading_bar
from hypercare.service import Service
from hypercare.settings import Settings
from hypercare.summary import summarise
from hypercare.summary_rows import Summary
from processors.health.ledger import IDLE_MS, LATENESS_MS
from processors.incidents.desk import EVERY_S
from processors.runtime.holding import FLUSH_S
from producers.importing import ImportReport, Kind, import_file
from producers.publisher import Publisher
from producers.simulate import story as story_files
from producers.simulate.sample import CHECKOUT_FILE, ERP_FILE, FEEDBACK_FILE, write_sample
from producers.simulate.story import Story, write_story

DRAINED_WITHIN_S = 900.0
STUCK_AFTER_S = 90.0
POLL_S = 0.5
SAID_S = math.ceil(2 * FLUSH_S)
"""After so long whoever reads calls has said that there are no more."""


SumUp = Callable[[Settings, Endpoints, str], Summary]


@dataclass(frozen=True, slots=True)
class Input:
    """One file to import."""

    path: str
    kind: Kind
    ends_before: timedelta = timedelta()
    """How long before the end of the replay its last event happened."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What was imported, what came of it, and how long the parts took, in seconds."""

    endpoints: Endpoints
    inputs: list[Input]
    reports: list[ImportReport]
    summary: Summary
    lags: list[StageLag]
    skipped: dict[str, int]
    import_s: float
    drain_s: float
    replay_at: datetime
    incidents: tuple[Incident, ...] = ()
    story: Story | None = None

    @property
    def became(self) -> str:
        """What the imported lines are after ``drain_s``."""
        return "searchable" if self.summary.source == "elasticsearch" else "kept as documents"


def run_demo(
    service: Service,
    progress: Progress,
    inputs: list[Input],
    *,
    replay_at: datetime | None = None,
    project: str = "demo",
    lags: Callable[[], list[StageLag]] | None = None,
    sum_up: SumUp | None = None,
    tell: bool = True,
) -> Demo:
    """Import the inputs, or a story when there are none, and wait until everything can be searched.

    ``lags`` and ``sum_up`` ask how far the stages are and what came of it; by default Kafka and Elasticsearch tell.
    Unless it is to ``tell`` incidents, the small sample is taken instead of the story, and no list is read.
    """
    endpoints = service.endpoints()
    if endpoints is None:
        raise Stop("Hypercare is not running.", fix="start it with `hypercare up`")
    replay_at = replay_at or datetime.now(UTC).replace(microsecond=0)
    origin = f"urn:hypercare:demo:{replay_at:%Y%m%dT%H%M%S}:{time.time_ns() % 10**9}"
    with TemporaryDirectory(prefix="hypercare-sample-") as folder:
        story = None
        if not inputs and tell:
            story, inputs = story_inputs(Path(folder), progress)
        inputs = inputs or sample_inputs(Path(folder), progress)
        began = time.monotonic()
        reports = [
            import_with_bar(
                service.settings,
                endpoints,
                progress,
                i,
                origin=origin,
                replay_at=replay_at - i.ends_before,
                project=project,
            )
            for i in inputs
        ]
        imported = time.monotonic()
    ask = lags or (lambda: stage_lags(endpoints.kafka, prefix=service.settings.topic_prefix))
    drained_lags = _drained(service, ask, progress)
    if "health" in {lag.stage for lag in drained_lags}:
        wait_for_windows(progress, replay_at)
        drained_lags = _drained(service, ask, progress)
    drained = time.monotonic()
    incidents = wait_for_incidents(service.settings, endpoints, progress, project) if tell else ()
    summary = (sum_up or ask_elasticsearch)(service.settings, endpoints, origin)
    return Demo(
        endpoints,
        inputs,
        reports,
        summary,
        drained_lags,
        service.skipped(),
        imported - began,
        drained - imported,
        replay_at,
        incidents,
        story,
    )


def _drained(service: Service, ask: Callable[[], list[StageLag]], progress: Progress) -> list[StageLag]:
    """Wait for all stages; where one does not get on, say what it said itself."""
    try:
        return wait_until_drained(ask, progress)
    except Stop as stop:
        ended = {lag.stage: words for lag in ask() if lag.lag and (words := service.last_words(lag.stage))}
        if not ended:
            raise
        said = "; ".join(f"{stage} ended by {words.problem}" for stage, words in ended.items())
        fixes = " ".join(words.fix for words in ended.values() if words.fix)
        raise Stop(f"{stop.problem} {said}.", fix=fixes or stop.fix) from stop


def ask_elasticsearch(settings: Settings, endpoints: Endpoints, origin: str) -> Summary:
    """What Elasticsearch knows of what came from ``origin``, up to the last document."""
    client = settings.access(endpoints.elasticsearch).client()
    try:
        client.indices.refresh(index="logs-hypercare.*,metrics-hypercare.*", ignore_unavailable=True)
        return summarise(client, origin=origin)
    finally:
        client.close()


def story_inputs(folder: Path, progress: Progress) -> tuple[Story, list[Input]]:
    """Write two stories, played at once; everything in them is made up."""
    progress.say("No LOG or FEEDBACK given: playing half an hour of a made-up system with two planted problems.")
    story = write_story(folder)
    feedback = Input(str(folder / story_files.FEEDBACK_FILE), "feedback", story.ends_before)
    return story, [Input(str(folder / story_files.CALLS_FILE), "calls"), feedback]


def wait_for_incidents(
    settings: Settings, endpoints: Endpoints, progress: Progress, project: str
) -> tuple[Incident, ...]:
    """The incidents of a project, once what only grows was told too."""
    progress.begin("Waiting for the list", total=math.ceil(EVERY_S) + 1, unit="seconds")
    for passed in range(math.ceil(EVERY_S) + 1):
        time.sleep(1)
        progress.advance_to(passed + 1)
    told = read_now(endpoints.kafka, prefix=settings.topic_prefix)
    progress.end(f"{len(told.incidents)} incidents")
    return tuple(ranked(told.incidents, Which(project=project)))


def sample_inputs(folder: Path, progress: Progress) -> list[Input]:
    """Write the repository's own sample; everything in it is made up."""
    progress.say("No LOG or FEEDBACK given: using a small synthetic sample with planted problems.")
    write_sample(folder)
    calls = [Input(str(folder / name), "calls") for name in (CHECKOUT_FILE, ERP_FILE)]
    return [*calls, Input(str(folder / FEEDBACK_FILE), "feedback")]


def import_with_bar(
    settings: Settings, endpoints: Endpoints, progress: Progress, what: Input, *, origin: str, **how: Any
) -> ImportReport:
    """Import one file with a bar of the bytes read; ``how`` is handed on to `import_file`."""
    name = Path(what.path).name
    with (
        reading_bar(progress, f"Importing {what.kind} from {name}", what.path) as bar,
        Publisher(endpoints.kafka, source=f"{origin}:{name}", topic_prefix=settings.topic_prefix) as publisher,
    ):
        report = import_file(what.path, kind=what.kind, publisher=publisher, progress=bar.advance, **how)
        bar.note = f"{report.read:,} read, {report.published:,} published, {report.rejected:,} rejected"
    return report


def wait_for_windows(progress: Progress, last_event: datetime) -> None:
    """Wait until the last windows have closed: at first nobody can tell that no more calls will come."""
    now = time.time()
    last_ends = last_event.timestamp() + WINDOW_S + LATENESS_MS / 1000
    seconds = (
        math.ceil(min(max(IDLE_MS / 1000, last_ends - now), WINDOW_S + (LATENESS_MS + IDLE_MS) / 1000)) + SAID_S + 1
    )
    progress.begin("Waiting for the last windows to close", total=seconds, unit="seconds")
    for second in range(seconds):
        progress.advance_to(second)
        time.sleep(1)
    progress.end(f"{seconds} s")


def wait_until_drained(
    ask: Callable[[], list[StageLag]], progress: Progress, *, sleep: Callable[[float], None] = time.sleep
) -> list[StageLag]:
    """Wait until no stage has anything left; raise `Stop` when nothing moves any more."""
    progress.begin("Processing until every stage is at the end", unit="seconds")
    began = moved_at = time.monotonic()
    calm, before = 0, -1
    while True:
        lags = ask()
        left = sum(lag.lag for lag in lags)
        now = time.monotonic()
        calm = calm + 1 if left == 0 else 0
        if calm > 1:  # twice: what one stage has finished, the next may not yet have seen
            progress.end(f"{sum(lag.records for lag in lags):,} records, nothing left after {now - began:.0f} s")
            return lags
        if left != before:
            moved_at, before = now, left
        if now - moved_at > STUCK_AFTER_S or now - began > DRAINED_WITHIN_S:
            progress.end("stuck")
            stuck = ", ".join(f"{lag.stage} {lag.lag:,}" for lag in lags if lag.lag)
            raise Stop(
                f"Processing does not get on; left: {stuck}.",
                fix="look again with `hypercare up`, then `hypercare status`",
            )
        progress.advance_to(int(now - began))
        sleep(POLL_S)
