"""The product as an operator and a newcomer use it: up, down, crashes, the demo."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hypercare.engines.console_progress import QuietProgress
from hypercare.service import Service
from hypercare.settings import Settings
from hypercare.stages import STAGES
from hypercare.status import look
from hypercare.supervisor import INTAKE
from producers.simulate.story import CALLS_FILE, TORN, write_story
from tests.conftest import RunningEngines
from tests.scenarios.workers import wait_until

pytestmark = pytest.mark.engines


@pytest.fixture
def settings(engines: RunningEngines, prefix: str, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        engines="yours",
        kafka=engines.endpoints.kafka,
        elasticsearch=engines.endpoints.elasticsearch,
        topic_prefix=prefix,
        intake_port=0,  # the usual one may be taken here
    )


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    made = Service(settings)
    try:
        yield made
    finally:
        made.down(QuietProgress())
        assert processes_of(settings.home) == []


def processes_of(home: Path) -> list[psutil.Process]:
    """Processes whose environment names this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("HYPERCARE_HOME") == str(home):
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def pid_of(service: Service, stage: str) -> int:
    return next((state.pid for state in service.stages() if state.stage == stage), 0)


def test_a_killed_stage_is_restarted_and_a_killed_supervisor_takes_its_stages_along(service: Service) -> None:
    service.up(QuietProgress())
    assert look(service).fine
    assert {state.stage for state in service.stages()} == {*STAGES, INTAKE}
    assert look(service).intake.address.startswith("http://127.0.0.1:")
    assert service.up(QuietProgress()).already, "a second start finds it running"

    old = pid_of(service, "telemetry")
    psutil.Process(old).kill()
    wait_until(lambda: pid_of(service, "telemetry") not in {0, old} and not service.ready("telemetry"), 60)
    state = next(state for state in service.stages() if state.stage == "telemetry")
    assert (state.restarts, state.last_exit) == (1, "ended by signal SIGKILL")
    assert "SIGKILL" in next(line.note for line in look(service).stages if line.stage == "telemetry")

    supervisor = next(p for p in processes_of(service.settings.home) if "supervise" in p.cmdline())
    supervisor.kill()
    wait_until(lambda: processes_of(service.settings.home) == [], 60)
    assert "hypercare up" in look(service).next
    service.up(QuietProgress())
    assert look(service).fine


def test_a_port_that_is_taken_is_told_and_stops_no_stage(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        service = Service(settings.model_copy(update={"intake_port": other.getsockname()[1]}))
        try:
            started = service.up(QuietProgress())
            assert started.intake.state == "needs a person"
            seen = look(service)
            assert {line.state for line in seen.stages} == {"running"}
            assert not seen.fine
            assert "in use" in seen.intake.next
            assert service.up(QuietProgress()).intake.state == "needs a person", "still taken, and still no error"
            other.close()
            assert service.up(QuietProgress()).again == (INTAKE,)
            assert look(service).fine
        finally:
            service.down(QuietProgress())
    assert processes_of(settings.home) == []


def test_the_demo_ends_with_a_summary_from_elasticsearch_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "HYPERCARE_HOME": str(tmp_path),
        "HYPERCARE_ENGINES": "yours",
        "HYPERCARE_KAFKA": settings.kafka,
        "HYPERCARE_ELASTICSEARCH": settings.elasticsearch,
        "HYPERCARE_TOPIC_PREFIX": settings.topic_prefix,
        "HYPERCARE_INTAKE_PORT": "0",
    }
    command = [sys.executable, "-m", "hypercare"]
    write_story(tmp_path / "story")
    calls = len(gzip.decompress((tmp_path / "story" / CALLS_FILE).read_bytes()).splitlines()) - len(TORN)
    ran = subprocess.run([*command, "demo"], env=environ, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert processes_of(tmp_path) == []
    for said in (
        "Engines: yours, because",
        f"{calls:,} calls from",
        "What to fix next",
        "What was planted, and what was made of it",
        "Mobile Safari",
        "db-ledger",
        "truncated_line",
        "Explore further",
    ):
        assert said in ran.stdout, ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr

    only_demos = ["summary", "--json", "--origin", "urn:hypercare:demo:"]
    again = subprocess.run([*command, *only_demos], env=environ, capture_output=True, text=True, check=True)
    summary = json.loads(again.stdout)
    assert summary["calls"] == calls
    assert "not found" not in ran.stdout, "both planted problems are incidents"
    assert ran.stdout.count(" exact ") == len(("checkout", "erp")), ran.stdout
    listed = subprocess.run([*command, "dlq", "ls"], env=environ, capture_output=True, text=True, check=True)
    assert "invalid_time" in listed.stdout
