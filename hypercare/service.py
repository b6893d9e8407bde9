"""`up`, `down` and what runs now: engines, topics, templates and stages as one service in the background."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import Stop
from hypercare import stage_requests
from hypercare.engines.atomic_file import read_json, write_json
from hypercare.engines.choose import Choice, choose
from hypercare.engines.engine import Endpoints, Progress
from hypercare.engines.lock import locked
from hypercare.engines.process import Launch, launch, stop
from hypercare.engines.process_record import is_running, read_record
from hypercare.intake.beside import IntakeLine, forget_address, line_of, why_not_ready
from hypercare.last_words import LastWords, last_words
from hypercare.set_up import set_up
from hypercare.settings import Settings, environment_of, with_docker_password
from hypercare.stages import STAGES
from hypercare.supervisor import INTAKE, StageState, read_states, state_file
from hypercare.worker_pages import WorkerPages

READY_WITHIN_S = 60.0
TAKEN_WITHIN_S = 10.0
STOPPED_WITHIN_S = 45.0
POLL_S = 0.2
IDLE = {"needs a person", "stopped"}
"""States in which a stage stays until somebody asks for it."""
SKIPPED = "hypercare_skipped_total"


@dataclass(frozen=True, slots=True)
class Started:
    """What `up` brought up; ``already`` when it was running before, ``again`` the stages that had stopped in it."""

    choice: Choice
    endpoints: Endpoints
    already: bool
    intake: IntakeLine
    again: tuple[str, ...] = ()


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
        """Bring everything up, or find it up and start the stages in it that had stopped."""
        choice = choice or self.choose_engines()
        with locked(self.settings.home / "service.lock", doing="starting Hypercare", say=progress.say):
            already = self.running()
            endpoints = choice.engines.start(progress)
            set_up(self.settings, endpoints, partitions=partitions)
            if not already:
                write_json(self._endpoints_file, {"kafka": endpoints.kafka, "elasticsearch": endpoints.elasticsearch})
                self._start_stages(endpoints, progress)
            again = [state.stage for state in self.stages() if state.state in IDLE] if already else []
            self._ask([stage for stage in again if stage != INTAKE], "restart", progress)
            if INTAKE in again:
                with suppress(Stop):  # `intake` tells it, and the stages do not need it
                    self._ask([INTAKE], "restart", progress)
            intake = self.intake()
        again = [stage for stage in again if stage != INTAKE or intake.fine]
        return Started(choice, endpoints, already, intake, tuple(again))

    def restart(self, stages: Sequence[str], progress: Progress) -> None:
        """End these stages, let them commit, and start them again, whatever they were doing."""
        with locked(self.settings.home / "service.lock", doing="restarting stages", say=progress.say):
            self._ask(stages, "restart", progress)

    def stop_stages(self, stages: Sequence[str], progress: Progress) -> None:
        """End these stages and leave them stopped; everything else goes on."""
        with locked(self.settings.home / "service.lock", doing="stopping stages", say=progress.say):
            self._ask(stages, "stop", progress)

    def down(self, progress: Progress) -> None:
        """Stop the stages, let them commit, then stop the engines we started."""
        with locked(self.settings.home / "service.lock", doing="stopping Hypercare", say=progress.say):
            stop(self._record, grace_s=45.0)
            self._endpoints_file.unlink(missing_ok=True)
            self.choose_engines().engines.stop()

    def stages(self) -> list[StageState]:
        """What the supervisor says of each stage."""
        return read_states(self.settings.home) if self.running() else []

    def intake(self) -> IntakeLine:
        """How the intake is that runs beside the stages."""
        state = next((state for state in self.stages() if state.stage == INTAKE), None)
        return line_of(self.settings.home, state, wanted=self.settings.intake, running=self.running())

    def pages(self) -> WorkerPages:
        """Health and metrics of this instance's workers."""
        return WorkerPages(self.settings.home / "workers", self._instance())

    def ready(self, stage: str) -> str:
        """Why a stage, or the intake, is not ready; empty when it is."""
        return why_not_ready(self.settings.home) if stage == INTAKE else self.pages().ready(stage)

    def last_words(self, stage: str) -> LastWords | None:
        """What a stage said when it ended by an error; None for one that did not."""
        state = next((one for one in self.stages() if one.stage == stage), None)
        return last_words(Path(state.log), state.ended_at) if state and (state.exit_code or 0) > 0 else None

    def skipped(self) -> dict[str, int]:
        """Records that needed no output, by stage and reason, since the workers started."""
        return {
            f"{stage} {sample.labels['reason']}": round(sample.value)
            for stage in STAGES
            for sample in self.pages().samples(stage)
            if sample.name == SKIPPED
        }

    def _instance(self) -> str:
        return self.settings.instance or f"{os.uname().nodename[:30]}-{self.settings.home.stat().st_ino}"

    def _start_stages(self, endpoints: Endpoints, progress: Progress) -> None:
        state_file(self.settings.home).unlink(missing_ok=True)
        forget_address(self.settings.home)
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
        self._await_ready(list(STAGES), progress)
        if self.settings.intake:
            with suppress(Stop):  # a port that is taken stops no stage; `intake` tells it
                self._await_ready([INTAKE], progress)

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

    def _ask(self, stages: Sequence[str], action: stage_requests.Action, progress: Progress) -> None:
        """Tell the supervisor, and wait until it is done."""
        home = self.settings.home
        known = [*STAGES, INTAKE]
        unknown = [stage for stage in stages if stage not in known]
        if unknown:
            raise Stop(f"There is no stage {', '.join(unknown)}.", fix=f"choose from {', '.join(known)}", exit_code=2)
        if not self.running():
            raise Stop("No stages are running here.", fix="start them with `hypercare up`")
        if INTAKE in stages and INTAKE not in {state.stage for state in self.stages()}:
            raise Stop(
                "This instance was started without the intake.",
                fix="`hypercare down`, then `hypercare up` with HYPERCARE_INTAKE=on; or `hypercare intake serve`",
            )
        for stage in stages:
            stage_requests.ask(home, stage, action)
        deadline = time.monotonic() + TAKEN_WITHIN_S
        while waiting := [stage for stage in stages if stage_requests.is_pending(home, stage)]:
            if time.monotonic() > deadline or not self.running():
                for stage in waiting:
                    stage_requests.done(home, stage)
                raise Stop(
                    "The supervisor does not take requests.",
                    fix=f"see {home / 'logs' / 'supervisor.log'}; `hypercare down`, then `hypercare up`",
                )
            time.sleep(POLL_S)
        if action == "restart":
            self._await_ready(stages, progress)
        else:
            self._await_stopped(stages, progress)

    def _await_ready(self, stages: Sequence[str], progress: Progress) -> None:
        if not stages:
            return
        title = f"Starting {len(stages)} stages" if len(stages) > 1 else f"Starting {stages[0]}"
        progress.begin(title, total=int(READY_WITHIN_S), unit="seconds")
        began = time.monotonic()
        waiting = dict.fromkeys(stages, "not started")
        while waiting and time.monotonic() - began < READY_WITHIN_S:
            time.sleep(POLL_S)
            states = {state.stage: state for state in self.stages()}
            waiting = {stage: why for stage in waiting if (why := self._why_not(states.get(stage)))}
            progress.advance_to(int(time.monotonic() - began))
        progress.end(f"ready after {time.monotonic() - began:.0f} s" if not waiting else "not ready")
        if waiting:
            raise Stop(
                "Some stages are not ready: " + ", ".join(f"{s} ({why})" for s, why in waiting.items()),
                fix=f"read their logs in {self.settings.home / 'logs'}; `hypercare status` tells more",
            )

    def _await_stopped(self, stages: Sequence[str], progress: Progress) -> None:
        progress.begin(f"Stopping {', '.join(stages)}", total=int(STOPPED_WITHIN_S), unit="seconds")
        began = time.monotonic()
        while any(state.stage in stages and state.state != "stopped" for state in self.stages()):
            time.sleep(POLL_S)
            progress.advance_to(int(time.monotonic() - began))
            if time.monotonic() - began > STOPPED_WITHIN_S:
                progress.end("not stopped")
                raise Stop("They do not stop.", fix="see `hypercare status`; `hypercare down` ends everything")
        progress.end(f"stopped after {time.monotonic() - began:.0f} s")

    def _why_not(self, state: StageState | None) -> str:
        """Why a stage is not ready; raise `Stop` when it will not be without a person."""
        if state is None:
            return "not started"
        if state.state == "needs a person":
            words = last_words(Path(state.log), state.ended_at)
            raise Stop(
                f"Stage {state.stage} stopped: {words.problem if words else state.last_exit}",
                fix=(words.fix + "; " if words and words.fix else "")
                + f"its log is {state.log}; when it is mended: `hypercare restart {state.stage}`",
            )
        return self.ready(state.stage) if state.state == "running" else state.state
