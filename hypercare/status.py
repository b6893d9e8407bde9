"""How the whole product is doing now, and the next thing to do."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.errors import Unavailable
from hypercare.dead_letters import count
from hypercare.engines.engine import EngineStatus
from hypercare.intake.beside import IntakeLine
from hypercare.lag import StageLag, stage_lags
from hypercare.last_words import last_words
from hypercare.service import Service
from hypercare.stage_health import StageLine, Waiting, crashes_again, is_stalled, next_thing, numbers
from hypercare.stages import STAGES
from hypercare.supervisor import INTAKE, StageState
from hypercare.topic_reader import TopicReader

LAST_EXIT = "last exit:"


@dataclass(frozen=True, slots=True)
class Status:
    """Everything there is to say; ``fine`` when nothing needs a person."""

    engines: tuple[EngineStatus, ...]
    stages: list[StageLine]
    intake: IntakeLine
    dead_letters: int | None
    next: str
    fine: bool


def look(service: Service) -> Status:
    """Ask engines, supervisor, stages and broker."""
    engines = service.choose_engines().engines.status()
    lags = _lags(service)
    stages = _stages(service, lags)
    dead = _dead_letters(service) if lags else None
    intake = service.intake()
    what_next, fine = _next(engines, stages, intake, dead, service)
    return Status(engines, stages, intake, dead, what_next, fine)


def _lags(service: Service) -> dict[str, StageLag]:
    endpoints = service.endpoints()
    if endpoints is None:
        return {}
    try:
        return {lag.stage: lag for lag in stage_lags(endpoints.kafka, prefix=service.settings.topic_prefix)}
    except Unavailable:
        return {}


def _dead_letters(service: Service) -> int | None:
    endpoints = service.endpoints()
    try:
        return count(endpoints.kafka, prefix=service.settings.topic_prefix) if endpoints else None
    except Unavailable:
        return None


def _stages(service: Service, lags: dict[str, StageLag]) -> list[StageLine]:
    written = {state.stage: state for state in service.stages()}
    waiting = _waiting(service, lags)
    return [_stage(service, stage, written.get(stage), lags.get(stage), waiting.get(stage)) for stage in STAGES]


def _stage(
    service: Service, stage: str, state: StageState | None, behind: StageLag | None, oldest: Waiting | None
) -> StageLine:
    lag = behind.lag if behind else None
    if state is None:
        return StageLine(stage, "stopped", lag, 0, "", oldest=oldest, next="`hypercare up`")
    pages = service.pages()
    note = pages.ready(stage) if state.state == "running" else state.last_exit
    if state.restarts and not note:
        note = f"{LAST_EXIT} {state.last_exit}"
    found = numbers(pages.samples(stage) if state.state == "running" else ())
    words = last_words(Path(state.log), state.ended_at) if (state.exit_code or 0) > 0 else None
    line = StageLine(
        stage=stage,
        state=state.state,
        lag=lag,
        restarts=state.restarts,
        note=note,
        pid=state.pid,
        last_exit=state.last_exit,
        last_exit_code=state.exit_code,
        problem=words.problem if words else "",
        rate_per_s=found.rate_per_s,
        in_flight=found.in_flight,
        oldest=oldest,
        dead_letters=found.dead_letters,
        late_sums=found.late_sums,
        stalled=state.state == "running" and is_stalled(lag, found, pages.live(stage)),
    )
    return replace(line, next=next_thing(line, state.log))


def _waiting(service: Service, lags: dict[str, StageLag]) -> dict[str, Waiting]:
    """The oldest unconfirmed record of each stage that has one."""
    endpoints = service.endpoints()
    oldest: dict[str, Waiting] = {}
    if endpoints is None or not any(lag.next_offsets for lag in lags.values()):
        return oldest
    try:
        with TopicReader(endpoints.kafka) as reader:
            for stage, lag in lags.items():
                ends = {part: offset + 1 for part, offset in lag.next_offsets.items()}
                for record in reader.read(lag.next_offsets, ends):
                    age = round(max(0.0, time.time() - record.timestamp / 1000), 1)
                    if stage not in oldest or age > oldest[stage].age_s:
                        oldest[stage] = Waiting(record.topic, record.partition, record.offset, age)
    except Unavailable:
        pass
    return oldest


def _next(
    engines: tuple[EngineStatus, ...],
    stages: list[StageLine],
    intake: IntakeLine,
    dead: int | None,
    service: Service,
) -> tuple[str, bool]:
    """The most urgent thing first."""
    logs = service.settings.home / "logs"
    down = [engine.engine for engine in engines if engine.health != "running"]
    stopped = [stage.stage for stage in stages if stage.state == "needs a person"]
    again = [stage for stage in stages if crashes_again(stage.state, stage.restarts, stage.note)]
    by_hand = [stage.stage for stage in stages if stage.state == "stopped"]
    restarting = [stage.stage for stage in stages if stage.state == "waiting"]
    stalled = [stage for stage in stages if stage.stalled]
    notes: dict[str, list[str]] = {}  # several sinks may wait for the same
    for stage in stages:
        if stage.note and not stage.note.startswith(LAST_EXIT):
            notes.setdefault(stage.note, []).append(stage.stage)
    if intake.state == "running" and intake.note:
        notes.setdefault(intake.note, []).append(INTAKE)
    problems = {
        "nothing runs: `hypercare up`": len(down) == len(engines) and not service.running(),
        f"{' and '.join(down)} not running: `hypercare up` starts it, `hypercare doctor` tells more": bool(down),
        "engines run, stages do not: `hypercare up`": all(stage.state == "stopped" for stage in stages),
        f"{', '.join(stopped)} stopped for a reason only you can mend: see its line": bool(stopped),
        f"{', '.join(stage.stage for stage in again)} ends each time it is started: see its line": bool(again),
        f"{', '.join(by_hand)} stopped by hand: `hypercare restart {' '.join(by_hand)}`": bool(by_hand),
        f"{', '.join(restarting)} restarting: see {logs}": bool(restarting),
        f"{', '.join(stage.stage for stage in stalled)} makes no progress: see its line": bool(stalled),
        "nothing can be sent over HTTP: see the line of the intake": not intake.fine,
    }
    for problem, applies in problems.items():
        if applies:
            return problem, False
    late = [stage.stage for stage in stages if stage.late_sums]
    if late:
        notes.setdefault("calls came too late to be judged: see its line", []).extend(late)
    if notes:
        return "; ".join(f"{', '.join(names)}: {note}" for note, names in notes.items()), True
    return "all is well" + ("; look at the dead letters: `hypercare dlq ls`" if dead else ": `hypercare summary`"), True
