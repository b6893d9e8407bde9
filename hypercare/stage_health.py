"""How one stage is doing, judged from what its pages, the supervisor and the broker say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hypercare.late import late_sums
from hypercare.worker_pages import Sample

STALLED_AFTER_S = 30.0
"""Work waits and nothing moves for so long: worth a look, long before the worker ends itself."""
CRASHES_AGAIN = 3
"""So many restarts of a stage that is not ready are no accident."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a worker's metrics page says; counts are since the worker started."""

    rate_per_s: float | None = None
    in_flight: int | None = None
    stuck_s: float = 0.0
    dead_letters: dict[str, int] = field(default_factory=dict)
    late_sums: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The oldest record that a stage has not confirmed: where it lies, and its age by Kafka's time."""

    topic: str
    partition: int
    offset: int
    age_s: float


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage, as `status --json` gives it; None where it is not known.

    ``lag`` is in records, ``in_flight`` in runs; ``last_exit`` says what ``last_exit_code`` means, ``problem`` is
    what the stage itself said in its log when it ended; ``next`` is the next thing to do, empty when nothing is.
    ``late_sums`` came after their windows had been judged, since the worker started.
    """

    stage: str
    state: str
    lag: int | None
    restarts: int
    note: str
    pid: int = 0
    last_exit: str = ""
    last_exit_code: int | None = None
    problem: str = ""
    rate_per_s: float | None = None
    in_flight: int | None = None
    oldest: Waiting | None = None
    dead_letters: dict[str, int] = field(default_factory=dict)
    stalled: bool = False
    late_sums: int = 0
    next: str = ""


def numbers(samples: Iterable[Sample]) -> Numbers:
    """Read a metrics page; a page of an older worker lacks some."""
    values: dict[str, float] = {}
    dead: dict[str, int] = {}
    for sample in samples:
        if sample.name == "hypercare_dead_letters_total":
            dead[sample.labels.get("reason", "?")] = round(sample.value)
        else:
            values[sample.name] = sample.value
    rate, in_flight = values.get("hypercare_records_per_second"), values.get("hypercare_runs_in_flight")
    return Numbers(
        None if rate is None else round(rate, 1),
        None if in_flight is None else round(in_flight),
        values.get("hypercare_stuck_seconds", 0.0),
        dead,
        round(values.get("hypercare_late_sums_total", 0)),
    )


def is_stalled(lag: int | None, found: Numbers, live: str) -> bool:
    """Whether work waits and nothing moves; ``live`` is what the health page complains of."""
    return live == "stalled" or (bool(lag) and found.stuck_s >= STALLED_AFTER_S)


def crashes_again(state: str, restarts: int, note: str) -> bool:
    """Whether a stage ends each time it is started."""
    return restarts >= CRASHES_AGAIN and (state == "waiting" or (state == "running" and note == "not started"))


def next_thing(line: StageLine, log: str) -> str:
    """What a person does about a stage, as a command where there is one."""
    if line.state == "needs a person":
        return f"{line.problem or line.last_exit}; see {log}; when it is mended: `hypercare restart {line.stage}`"
    if line.state == "stopped":
        return f"`hypercare restart {line.stage}`, or `hypercare up`"
    if crashes_again(line.state, line.restarts, line.note):
        return f"it ends each time it is started ({line.problem or line.last_exit}): see {log}" + _past(line)
    if line.stalled:
        return f"nothing moves although work waits: see {log}; `hypercare restart {line.stage}`"
    return late_sums(line.late_sums)


def _past(line: StageLine) -> str:
    if line.oldest is None:
        return ""
    where = f"--topic {line.oldest.topic} --partition {line.oldest.partition} --offset {line.oldest.offset}"
    commands = f"`hypercare stop {line.stage}`, `hypercare skip {line.stage} {where}`"
    return f"; to pass over the record where it stands: {commands}"
