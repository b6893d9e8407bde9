"""The intake beside the stages: started, seen, told when it cannot listen, gone with its supervisor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from contracts.errors import Stop
from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from hypercare import stage_requests
from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.mock_broker import MockBroker
from hypercare.engines.process import Launch, launch, stop
from hypercare.intake.beside import Address, IntakeLine, line_of, note_address, read_address, told, why_not_ready
from hypercare.service import Service
from hypercare.settings import Settings, environment_of
from hypercare.supervisor import INTAKE, StageState, read_states
from producers.intake.key_file import NAME, change_keys
from producers.intake.keys import new_token
from tests.scenarios.workers import wait_until
from tests.unit.intake.desk import key

SUPERVISE = """
import os, sys
from pathlib import Path
from hypercare.supervisor import Supervisor
Supervisor(["intake"], Path(sys.argv[1]), dict(os.environ)).run()
"""
RUNNING = StageState(INTAKE, "intake.log", "running", 7, 0, "")


@pytest.fixture(scope="module")
def kafka() -> Iterator[str]:
    with MockBroker() as broker:
        broker.create(topic.name for topic in (FEEDBACK, GATEWAY, SIGNALS))
        yield broker.bootstrap


def settings_of(kafka: str, home: Path, port: int = 0) -> Settings:
    return Settings(home=home, engines="yours", kafka=kafka, elasticsearch="http://127.0.0.1:9", intake_port=port)


@contextmanager
def supervised(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, **environment_of(settings)}
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(settings.home)], env=environ)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def seen(settings: Settings) -> IntakeLine:
    states = read_states(settings.home)
    return line_of(settings.home, states[0] if states else None, wanted=True)


def test_it_takes_events_as_soon_as_there_is_a_key_and_ends_with_its_supervisor(kafka: str, tmp_path: Path) -> None:
    settings = settings_of(kafka, tmp_path)
    with supervised(settings) as supervisor:
        wait_until(lambda: (line := seen(settings)).state == "running" and not line.note, 60)
        line = seen(settings)
        assert line.fine
        assert "hypercare keys create" in line.next, "nobody has a key yet"
        token = new_token()
        change_keys(tmp_path / NAME, lambda keys: (*keys, key(token=token)))
        wait_until(lambda: post(line.address, token) == 202, 20)
        assert (seen(settings).keys, seen(settings).next) == (1, "")

        stage_requests.ask(tmp_path, INTAKE, "restart")
        wait_until(lambda: seen(settings).pid not in {0, line.pid} and not seen(settings).note, 60)
        assert seen(settings).last_exit == "ended as asked"
        stage_requests.ask(tmp_path, INTAKE, "stop")
        wait_until(lambda: seen(settings).state == "stopped", 60)
        assert seen(settings).next == "`hypercare restart intake`"
        stage_requests.ask(tmp_path, INTAKE, "restart")
        wait_until(lambda: not seen(settings).note, 60)

        last = psutil.Process(seen(settings).pid)
        supervisor.kill()
        wait_until(lambda: not last.is_running() or last.status() == psutil.STATUS_ZOMBIE, 30)


def post(address: str, token: str) -> int:
    said = httpx.post(f"{address}/v1/feedback", json={"text": "it hangs"}, headers={"X-Api-Key": token}, timeout=20)
    return said.status_code


def test_a_port_that_is_taken_is_told_and_healed_by_a_restart(kafka: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = settings_of(kafka, tmp_path, other.getsockname()[1])
        with supervised(settings):
            wait_until(lambda: seen(settings).state == "needs a person", 60)
            line = seen(settings)
            assert not line.fine
            for said in (f"127.0.0.1:{settings.intake_port}", "in use", "HYPERCARE_INTAKE_PORT", "hypercare restart"):
                assert said in line.next, line.next
            other.close()
            stage_requests.ask(tmp_path, INTAKE, "restart")
            wait_until(lambda: seen(settings).state == "running" and not seen(settings).note, 60)
            assert seen(settings).address == f"http://127.0.0.1:{settings.intake_port}"
            by_hand = subprocess.run(
                [sys.executable, "-m", "hypercare", "intake", "serve"],
                env={**os.environ, **environment_of(settings)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert by_hand.returncode == 2
            assert "it is the intake of `hypercare up`" in by_hand.stderr


def test_an_address_is_as_a_browser_takes_it() -> None:
    assert str(Address("127.0.0.1", 8088)) == "http://127.0.0.1:8088"
    assert str(Address("::1", 443, tls=True)) == "https://[::1]:443"


def test_it_is_off_where_it_is_not_wanted_and_says_nothing(tmp_path: Path) -> None:
    line = line_of(tmp_path, None, wanted=False)
    assert (line.state, line.fine, told(line)) == ("off", True, [])


def test_what_does_not_run_is_started_with_everything_else(tmp_path: Path) -> None:
    line = line_of(tmp_path, None, wanted=True)
    assert (line.state, line.next) == ("stopped", "`hypercare up`")
    assert told(line)[0].split() == ["intake", "stopped", "-", "0", "keys,", "restarts", "0"]


def test_keys_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{")
    assert "cannot be used" in line_of(tmp_path, None, wanted=True).note


def test_revoked_keys_are_not_counted(tmp_path: Path) -> None:
    revoked = key(token=new_token()).model_copy(update={"revoked_at": key().created_at, "token_sha256": ""})
    change_keys(tmp_path / NAME, lambda _: (key(), revoked))
    assert line_of(tmp_path, None, wanted=True).keys == 1


def test_nobody_there_or_somebody_else_is_not_ready(tmp_path: Path) -> None:
    assert why_not_ready(tmp_path) == "not started"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    note_address(tmp_path, Address("0.0.0.0", port))  # noqa: S104 - asked at loopback
    assert read_address(tmp_path) == Address("0.0.0.0", port)  # noqa: S104
    assert why_not_ready(tmp_path) == "not started"


def test_one_that_ends_each_time_is_no_fine_one(tmp_path: Path) -> None:
    line = line_of(tmp_path, replace(RUNNING, restarts=3, last_exit="ended by signal SIGKILL"), wanted=True)
    assert not line.fine
    assert line.next.startswith("it ends each time it is started (ended by signal SIGKILL): see intake.log")


def test_an_instance_without_it_says_so_at_once(tmp_path: Path) -> None:
    settings = settings_of("127.0.0.1:9", tmp_path)
    service = Service(settings)
    record = tmp_path / "run" / "supervisor.json"
    sleeps = (sys.executable, "-c", "import time; time.sleep(60)")
    launch(Launch("supervisor", sleeps, tmp_path, dict(os.environ), {}, tmp_path / "sleep.log", record))
    try:
        with pytest.raises(Stop, match="started without the intake"):
            service.restart([INTAKE], QuietProgress())
        assert (service.intake().state, service.intake().next) == ("stopped", "`hypercare down`, then `hypercare up`")
    finally:
        stop(record, grace_s=5)
