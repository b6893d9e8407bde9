"""`up`, `down` and what runs now: engines, topics, templates and stages as one service in the background."""

from __future__ import annotations

import os
import re
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import stamina
from elasticsearch import ApiError, TransportError

from contracts.errors import Stop
from hypercare.engines.atomic_file import read_json, write_json
from hypercare.engines.choose import Choice, choose
from hypercare.engines.engine import Endpoints, Progress
from hypercare.engines.lock import locked
from hypercare.engines.process import Launch, launch, stop
from hypercare.engines.process_record import is_running, read_record
from hypercare.settings import Settings, environment_of, with_docker_password
from hypercare.stages import STAGES
from hypercare.supervisor import StageState, read_states, state_file
from hypercare.topics import Applied, apply_topics
from sinks.elasticsearch.templates import apply_templates

READY_WITHIN_S = 60.0
POLL_S = 0.2
SKIPPED_LINE = re.compile(r'^hypercare_skipped_total\{reason="([^"]+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Started:
    """What `up` brought up; ``already`` when it was running before."""

    choice: Choice
    endpoints: Endpoints
    already: bool


class Service:
    """One instance of the whole product, known by its home folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = with_docker_password(settings)
        self._record = settings.home / "run" / "supervisor.json"
        self._endpoints_file = settings.home / "run" / "endpoints.json"

    def choose_engines(self) -> Choice:
        """Which engines are used, and why."""
        return choose(self.settings.for_engines())

    def running(self) -> bool:
        """Whether the stages' supervisor is alive."""
        return is_running(read_record(self._record))

    def endpoints(self) -> Endpoints | None:
        """Where the engines of this instance answer, if they do."""
        said = read_json(self._endpoints_file)
        if said and self.running():
            return Endpoints(**said)
        return self.choose_engines().engines.endpoints()

    def up(self, progress: Progress, choice: Choice | None = None, *, partitions: int | None = None) -> Started:
        """Bring everything up, or find it up."""
        choice = choice or self.choose_engines()
        with locked(self.settings.home / "service.lock", doing="starting Hypercare", say=progress.say):
            already = self.running()
            endpoints = choice.engines.start(progress)
            set_up(self.settings, endpoints, partitions=partitions)
            if not already:
                write_json(self._endpoints_file, {"kafka": endpoints.kafka, "elasticsearch": endpoints.elasticsearch})
                self._start_stages(endpoints, progress)
        return Started(choice, endpoints, already)

    def down(self, progress: Progress) -> None:
        """Stop the stages, let them commit, then stop the engines we started."""
        with locked(self.settings.home / "service.lock", doing="stopping Hypercare", say=progress.say):
            stop(self._record, grace_s=45.0)
            self._endpoints_file.unlink(missing_ok=True)
            self.choose_engines().engines.stop()

    def stages(self) -> list[StageState]:
        """What the supervisor says of each stage."""
        return read_states(self.settings.home) if self.running() else []

    def ready(self, stage: str) -> str:
        """Why a stage is not ready; empty when it is."""
        try:
            self._page(stage, "/health/ready")
        except urllib.error.HTTPError as error:
            return error.read().decode("utf-8", "replace")
        except (OSError, ValueError):
            return "not started"
        return ""

    def skipped(self) -> dict[str, int]:
        """Records that needed no output, by stage and reason, since the workers started."""
        found: dict[str, int] = {}
        for stage in STAGES:
            try:
                page = self._page(stage, "/metrics")
            except (OSError, ValueError):
                continue
            for reason, count in SKIPPED_LINE.findall(page):
                found[f"{stage} {reason}"] = round(float(count))
        return found

    def _page(self, stage: str, path: str) -> str:
        """A page of a worker; raise `OSError` or `ValueError` while there is none."""
        port = int((self.settings.home / "workers" / f"{stage}-{self._instance()}.port").read_text())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return str(answer.read().decode())

    def _instance(self) -> str:
        return self.settings.instance or f"{os.uname().nodename[:30]}-{self.settings.home.stat().st_ino}"

    def _start_stages(self, endpoints: Endpoints, progress: Progress) -> None:
        state_file(self.settings.home).unlink(missing_ok=True)
        for file in (self.settings.home / "workers").glob("*.port"):
            file.unlink()
        launch(
            Launch(
                title="supervisor",
                command=(sys.executable, "-m", "hypercare", "supervise"),
                folder=self.settings.home,
                environ=self._environ(endpoints),
                ports={},
                log=self.settings.home / "logs" / "supervisor.log",
                record=self._record,
            )
        )
        self._await_ready(progress)

    def _environ(self, endpoints: Endpoints) -> dict[str, str]:
        """What a worker inherits: these endpoints, and secrets by environment rather than by argument."""
        said = environment_of(self.settings) | {
            "HYPERCARE_ENGINES": "yours",
            "HYPERCARE_KAFKA": endpoints.kafka,
            "HYPERCARE_ELASTICSEARCH": endpoints.elasticsearch,
            "HYPERCARE_HOME": str(self.settings.home.absolute()),
            "HYPERCARE_INSTANCE": self._instance(),
        }
        return {**os.environ, **said, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}

    def _await_ready(self, progress: Progress) -> None:
        progress.begin(f"Starting {len(STAGES)} stages", total=int(READY_WITHIN_S), unit="seconds")
        began = time.monotonic()
        waiting = dict.fromkeys(STAGES, "not started")
        while waiting and time.monotonic() - began < READY_WITHIN_S:
            time.sleep(POLL_S)
            waiting = {stage: why for stage in waiting if (why := self.ready(stage))}
            progress.advance_to(int(time.monotonic() - began))
            self._check_supervisor()
        progress.end(f"ready after {time.monotonic() - began:.0f} s" if not waiting else "not ready")
        if waiting:
            raise Stop(
                "Some stages are not ready: " + ", ".join(f"{s} ({why})" for s, why in waiting.items()),
                fix=f"read their logs in {self.settings.home / 'logs'}; `hypercare status` tells more",
            )

    def _check_supervisor(self) -> None:
        for stage in self.stages():
            if stage.state == "needs a person":
                raise Stop(f"Stage {stage.stage} stopped: {stage.last_exit}.", fix=f"read {stage.log}")


def set_up(
    settings: Settings, endpoints: Endpoints, *, partitions: int | None = None
) -> tuple[list[Applied], list[str]]:
    """Topics and templates; idempotent."""
    topics = apply_topics(endpoints.kafka, prefix=settings.topic_prefix, partitions=partitions)
    client = settings.access(endpoints.elasticsearch).client()
    try:
        for attempt in stamina.retry_context(on=(TransportError, ApiError), attempts=4, timeout=30):
            with attempt:
                client.info()
        return topics, apply_templates(client)
    except (TransportError, ApiError) as error:
        raise Stop(
            f"Elasticsearch at {endpoints.elasticsearch} cannot be used: {error}",
            fix="check HYPERCARE_ELASTICSEARCH and the API key or user",
        ) from error
    finally:
        client.close()
