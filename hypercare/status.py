"""How the whole product is doing now, and the next thing to do."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.errors import Unavailable
from hypercare.engines.engine import EngineStatus
from hypercare.lag import StageLag, stage_lags
from hypercare.service import Service
from hypercare.stages import STAGES

LAST_EXIT = "last exit:"


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage; ``lag`` in records, None when the broker does not tell."""

    stage: str
    state: str
    lag: int | None
    restarts: int
    note: str


@dataclass(frozen=True, slots=True)
class Status:
    """Everything there is to say; ``fine`` when nothing needs a person."""

    engines: tuple[EngineStatus, ...]
    stages: list[StageLine]
    dead_letters: int | None
    next: str
    fine: bool


def look(service: Service) -> Status:
    """Ask engines, supervisor, stages and broker."""
    engines = service.choose_engines().engines.status()
    lags = _lags(service)
    stages = _stages(service, lags)
    dead = lags["sink-deadletters"].records if lags else None
    what_next, fine = _next(engines, stages, dead, service)
    return Status(engines, stages, dead, what_next, fine)


def _lags(service: Service) -> dict[str, StageLag]:
    endpoints = service.endpoints()
    if endpoints is None:
        return {}
    try:
        return {lag.stage: lag for lag in stage_lags(endpoints.kafka, prefix=service.settings.topic_prefix)}
    except Unavailable:
        return {}


def _stages(service: Service, lags: dict[str, StageLag]) -> list[StageLine]:
    written = {state.stage: state for state in service.stages()}
    lines = []
    for stage in STAGES:
        state = written.get(stage)
        lag = lags[stage].lag if stage in lags else None
        if state is None:
            lines.append(StageLine(stage, "stopped", lag, 0, ""))
            continue
        note = service.ready(stage) if state.state == "running" else state.last_exit
        if state.restarts and not note:
            note = f"{LAST_EXIT} {state.last_exit}"
        lines.append(StageLine(stage, state.state, lag, state.restarts, note))
    return lines


def _next(
    engines: tuple[EngineStatus, ...], stages: list[StageLine], dead: int | None, service: Service
) -> tuple[str, bool]:
    """The most urgent thing first."""
    logs = service.settings.home / "logs"
    down = [engine.engine for engine in engines if engine.health != "running"]
    stopped = [stage.stage for stage in stages if stage.state == "needs a person"]
    restarting = [stage.stage for stage in stages if stage.state == "waiting"]
    notes = [f"{stage.stage}: {stage.note}" for stage in stages if stage.note and not stage.note.startswith(LAST_EXIT)]
    problems = {
        "nothing runs: `hypercare up`": len(down) == len(engines) and not service.running(),
        f"{' and '.join(down)} not running: `hypercare up` starts it, `hypercare doctor` tells more": bool(down),
        "engines run, stages do not: `hypercare up`": all(stage.state == "stopped" for stage in stages),
        f"{', '.join(stopped)} stopped for a reason only you can mend: see {logs}": bool(stopped),
        f"{', '.join(restarting)} restarting: see {logs}": bool(restarting),
    }
    for problem, applies in problems.items():
        if applies:
            return problem, False
    if notes:
        return "; ".join(notes), True
    return "all is well" + ("; look at the dead letters: `hypercare dlq ls`" if dead else ": `hypercare summary`"), True
