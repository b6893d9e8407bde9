"""Single stages of a running instance: restarted, stopped, started again after a person was needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.errors import Stop
from contracts.topics import GATEWAY
from hypercare.engines.console_progress import QuietProgress
from hypercare.lag import stage_lags
from hypercare.service import Service
from hypercare.settings import Settings
from hypercare.stage_health import StageLine
from hypercare.status import look
from hypercare.supervisor import StageState
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import produce
from tests.scenarios.workers import wait_until

pytestmark = pytest.mark.engines


@pytest.fixture
def service(engines: RunningEngines, prefix: str, tmp_path: Path) -> Iterator[Service]:
    made = Service(
        Settings(
            home=tmp_path,
            engines="yours",
            kafka=engines.endpoints.kafka,
            elasticsearch=engines.endpoints.elasticsearch,
            topic_prefix=prefix,
            dead_letters_per_minute=1,
            intake_port=0,
        )
    )
    try:
        yield made
    finally:
        made.down(QuietProgress())


def line_of(service: Service, stage: str) -> StageLine:
    return next(line for line in look(service).stages if line.stage == stage)


def state_of(service: Service, stage: str) -> StageState:
    return next(state for state in service.stages() if state.stage == stage)


def lag_of(service: Service, stage: str) -> int:
    lags = stage_lags(service.settings.kafka, prefix=service.settings.topic_prefix)
    return next(lag.lag for lag in lags if lag.stage == stage)


def test_stages_are_restarted_stopped_and_started_again(engines: RunningEngines, service: Service) -> None:
    with pytest.raises(Stop, match="No stages are running"):
        service.restart(["telemetry"], QuietProgress())
    service.up(QuietProgress(), partitions=1)
    before = {state.stage: state.pid for state in service.stages()}

    service.restart(["feedback"], QuietProgress())
    assert state_of(service, "feedback").pid not in {0, before["feedback"]}
    assert (state_of(service, "feedback").restarts, state_of(service, "feedback").exit_code) == (0, 0)
    assert state_of(service, "sink-calls").pid == before["sink-calls"], "the others were left alone"

    service.stop_stages(["feedback"], QuietProgress())
    assert (state_of(service, "feedback").state, state_of(service, "feedback").pid) == ("stopped", 0)

    # The second rejection within a minute is one too many here, so the stage stops for a person.
    raw = service.settings.topic_prefix + GATEWAY.name
    produce(engines.endpoints, raw, iter([b"not json"]))
    wait_until(lambda: lag_of(service, "telemetry") == 0, 60)
    produce(engines.endpoints, raw, iter([b"not json either"]))
    wait_until(lambda: state_of(service, "telemetry").state == "needs a person", 60)
    assert state_of(service, "telemetry").exit_code == 78
    seen = look(service)
    lines = {line.stage: line for line in seen.stages}
    assert not seen.fine
    stopped = lines["telemetry"]
    assert (stopped.state, stopped.lag, stopped.last_exit_code) == ("needs a person", 1, 78)
    assert "rejects most of what it reads" in stopped.problem
    assert "hypercare restart telemetry" in stopped.next
    assert stopped.oldest is not None
    assert (stopped.oldest.topic, stopped.oldest.offset) == (raw, 1)
    assert lines["feedback"].next.startswith("`hypercare restart feedback`")
    wait_until(lambda: line_of(service, "sink-deadletters").rate_per_s not in {None, 0.0}, 30)
    assert (lines["sink-calls"].stalled, lines["sink-calls"].in_flight, lines["sink-calls"].next) == (False, 0, "")

    started = service.up(QuietProgress())
    assert (started.already, set(started.again)) == (True, {"telemetry", "feedback"})
    assert {state.state for state in service.stages()} == {"running"}
    wait_until(lambda: lag_of(service, "telemetry") == 0, 60)
    wait_until(lambda: look(service).stages[0].dead_letters == {"not_json": 1}, 30)
    assert look(service).fine

    service.stop_stages(["intake"], QuietProgress())
    assert (look(service).intake.state, look(service).fine) == ("stopped", False)
    service.restart(["intake"], QuietProgress())
    assert look(service).fine

    with pytest.raises(Stop, match="no stage tele"):
        service.restart(["tele"], QuietProgress())
