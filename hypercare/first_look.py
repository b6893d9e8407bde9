"""A first look with nothing but Python: the real stages on the broker mock, and documents kept as files.

1. refuse what is too large for the mock, which drops the oldest records without a word;
2. start the mock in this process and the stages as its children, in a folder made for this run;
3. import, wait until every stage is at the end, and make sure that nothing was dropped;
4. sum up what the files hold.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from pydantic import SecretStr

from contracts.errors import Stop
from contracts.topics import CATALOGUE
from hypercare.demo import Demo, Input, run_demo
from hypercare.engines.embedded import INSTALL
from hypercare.engines.engine import Progress
from hypercare.engines.mock_broker import MockBroker
from hypercare.lag import stage_lags
from hypercare.service import Service
from hypercare.settings import Settings, environment_of
from hypercare.stage_processes import StageProcesses
from hypercare.stages import STAGES
from hypercare.summary_of_files import summarise_files
from producers.files import STDIN, open_lines

MB = 1_000_000
MOST_BYTES = {"calls": 8 * MB, "feedback": 1 * MB}
"""Input as text: of each of four partitions the mock keeps 5 MiB compressed, and a project's feedback lies in one."""
REAL = f"For the real thing, {INSTALL}."
READY_WITHIN_S = 60.0
POLL_S = 0.2
INSTANCE = "first-look"
RUN_HERE = [stage for stage in STAGES if stage not in {"health", "sink-health", "sink-incidents"}]
"""The broker mock has no transactions that a crash would survive, so nothing is remembered here."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What came of it, where the documents are, and what to say about both."""

    demo: Demo
    documents: Path

    def words(self) -> list[str]:
        """What this way leaves out, and how to go on, line by line."""
        most = MOST_BYTES["calls"] // MB
        load = 'curl -s -H "Content-Type: application/x-ndjson" --data-binary "@$f"'
        return [
            "This was a first look: the real stages and contracts, on the broker mock of librdkafka, no Elasticsearch.",
            "Left out: findings, the list of incidents, text search, Kibana, bytes of dead letters, files of more",
            f"than {most} MB, and the commands summary, status and dlq. Nothing is left running.",
            f"Documents, in the lines of a bulk request: {self.documents}",
            "To load them into an Elasticsearch that has our templates (`hypercare setup`):",
            f'  for f in {self.documents}/*.ndjson; do {load} "http://127.0.0.1:9200/_bulk?filter_path=errors"; done',
            REAL,
        ]


def first_look(
    settings: Settings,
    progress: Progress,
    inputs: list[Input],
    *,
    keep: bool = False,
    replay_at: datetime | None = None,
    project: str = "demo",
) -> FirstLook:
    """Do the main job once over small inputs, or the sample when there are none."""
    if keep:
        raise Stop("The embedded engines end with the demo: nothing can be left running.", fix=REAL, exit_code=2)
    refuse_large(inputs)
    folder = _folder(settings.home)
    documents = folder / "documents"
    documents.mkdir()
    with _ended_by_sigterm(), MockBroker() as broker:
        broker.create(topic.name for topic in CATALOGUE)
        inner = _inside(settings, folder, broker.bootstrap, documents)
        service = Service(inner)
        environ = {**os.environ, **environment_of(inner), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        with StageProcesses(RUN_HERE, folder, environ) as stages:
            _await_ready(service, stages, progress)

            def lags() -> list[Any]:
                stages.look_after()
                return [lag for lag in stage_lags(broker.bootstrap) if lag.stage in RUN_HERE]

            demo = run_demo(
                service,
                progress,
                inputs,
                replay_at=replay_at,
                project=project,
                lags=lags,
                sum_up=lambda *_: summarise_files(documents),
                tell=False,
            )
            _check_nothing_dropped(broker)
    shutil.rmtree(folder / "workers", ignore_errors=True)
    return FirstLook(demo, documents)


def refuse_large(inputs: list[Input]) -> None:
    """Raise `Stop` when all files of a kind hold more text than the broker mock can be trusted with."""
    for kind, most in MOST_BYTES.items():
        paths = [what.path for what in inputs if what.kind == kind]
        if STDIN in paths:
            raise Stop("The embedded engines take files only: their size has to be known.", fix=REAL, exit_code=2)
        if _more_than(paths, most):
            raise Stop(
                f"More than {most // MB} MB of {kind}, unpacked, are too much for the embedded engines: "
                "the broker mock would drop the oldest records.",
                fix=f"Give a smaller part of it, or run real engines. {REAL}",
                exit_code=2,
            )


def _more_than(paths: list[str], most: int) -> bool:
    size = 0
    for path in paths:
        with open_lines(path, max_line_bytes=most) as lines:
            for line in lines:
                size += len(line.data) + 1
                if size > most:
                    return True
    return False


def _folder(home: Path) -> Path:
    """A new folder named by the time; earlier ones stay."""
    above = home / "first-look"
    above.mkdir(parents=True, exist_ok=True)
    return Path(mkdtemp(prefix=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-", dir=above)).absolute()


def _inside(settings: Settings, folder: Path, bootstrap: str, documents: Path) -> Settings:
    """The settings of this run: the user's, at these endpoints and in this folder, with the user's pseudonyms."""
    changes: dict[str, Any] = {
        "home": folder,
        "engines": "yours",
        "kafka": bootstrap,
        "elasticsearch": documents.as_uri(),
        "elasticsearch_user": "",
        "elasticsearch_password": SecretStr(""),
        "elasticsearch_api_key": SecretStr(""),
        "pseudonym_key": SecretStr(settings.pseudonym_secret().decode()),
        "topic_prefix": "",
        "instance": INSTANCE,
        "health_port": 0,
    }
    return settings.model_copy(update=changes)


def _await_ready(service: Service, stages: StageProcesses, progress: Progress) -> None:
    progress.begin(f"Starting {len(RUN_HERE)} stages on the broker mock", unit="seconds")
    began = time.monotonic()
    waiting = dict.fromkeys(RUN_HERE, "not started")
    try:
        while waiting and time.monotonic() - began < READY_WITHIN_S:
            time.sleep(POLL_S)
            stages.look_after()
            waiting = {stage: why for stage in waiting if (why := service.ready(stage))}
            progress.advance_to(int(time.monotonic() - began))
    finally:
        progress.end("not ready" if waiting else f"ready after {time.monotonic() - began:.0f} s")
    if waiting:
        raise Stop(
            "Some stages are not ready: " + ", ".join(f"{stage} ({why})" for stage, why in waiting.items()),
            fix=f"read {stages.log(next(iter(waiting)))}, or start it again",
        )


def _check_nothing_dropped(broker: MockBroker) -> None:
    if dropped := broker.dropped():
        said = ", ".join(f"{topic} {count:,}" for topic, count in dropped.items())
        raise Stop(
            f"The broker mock was too small and has dropped records: {said}. The summary would be wrong.",
            fix=f"Give a smaller part of the data, or run real engines. {REAL}",
        )


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end this process as Ctrl-C does, by way of every ``finally``."""

    def leave(*_: object) -> None:
        sys.exit(128 + signal.SIGTERM)

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
