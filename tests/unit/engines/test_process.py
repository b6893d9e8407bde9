from __future__ import annotations

import dataclasses
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from contracts.errors import Stop
from hypercare.engines.process import failed_start, kill, launch, note_children, stop
from hypercare.engines.process_record import family, is_running, read_record, write_record
from tests.unit.engines.fakes import sleeper

PARENT = (
    "import subprocess, sys, time; "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep({0})']); time.sleep({0})"
)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(process: psutil.Process) -> bool:
    # An orphan stays a zombie until the system's first process takes notice.
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_launched_process_is_known_by_its_record_until_stopped(tmp_path: Path) -> None:
    what = sleeper(tmp_path)
    record = launch(what)
    assert read_record(what.record) == record
    assert is_running(record)

    stop(what.record)
    assert not is_running(record)
    assert not psutil.pid_exists(record.leader.pid)
    assert not what.record.exists()


def test_stopping_takes_the_children_along(tmp_path: Path) -> None:
    what = sleeper(tmp_path, program=PARENT)
    record = launch(what)
    wait_until(lambda: len(family(record)) == 2)
    both = family(record)
    stop(what.record)
    assert all(ended(process) for process in both)


def test_a_child_left_alone_by_its_parent_is_still_found_and_stopped(tmp_path: Path) -> None:
    what = sleeper(tmp_path, program=PARENT)
    started = launch(what)
    wait_until(lambda: len(family(started)) == 2)
    note_children(what.record)
    record = read_record(what.record)
    assert record is not None
    os.kill(record.leader.pid, signal.SIGKILL)
    wait_until(lambda: not is_running(record))

    (child,) = family(record)
    stop(what.record)
    assert ended(child)


def test_a_killed_process_leaves_a_stale_record_that_stop_removes(tmp_path: Path) -> None:
    what = sleeper(tmp_path)
    launch(what)
    kill(what.record)
    assert what.record.exists()
    assert not is_running(read_record(what.record))
    stop(what.record)
    assert not what.record.exists()


def test_a_reused_process_id_is_a_stranger_and_left_alone(tmp_path: Path) -> None:
    what = sleeper(tmp_path)
    record = launch(what)
    older = dataclasses.replace(record.leader, created=record.leader.created - 100)
    stale = tmp_path / "run" / "stale.json"
    write_record(stale, dataclasses.replace(record, leader=older))

    assert not is_running(read_record(stale))
    stop(stale)
    assert is_running(record)
    stop(what.record)


def test_a_stubborn_process_is_forced(tmp_path: Path) -> None:
    ignoring = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep({})"
    )
    what = sleeper(tmp_path, program=ignoring)
    record = launch(what)
    wait_until(lambda: "deaf" in what.log.read_text(encoding="utf-8"))
    stop(what.record, grace_s=0.1)
    assert not is_running(record)


def test_a_damaged_record_is_no_record(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text('{"title": "x", "leader": 3}', encoding="utf-8")
    assert read_record(file) is None


def test_a_program_that_cannot_be_run_is_a_stop(tmp_path: Path) -> None:
    what = dataclasses.replace(sleeper(tmp_path), command=(str(tmp_path / "none"),))
    with pytest.raises(Stop, match="Sleeper could not be started"):
        launch(what)


def test_a_failed_start_shows_the_end_of_the_log_and_where_it_is(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)), encoding="utf-8")
    error = failed_start("Kafka", log, "ended while starting")
    assert "line 99" in error.problem
    assert "line 50" not in error.problem
    assert str(log) in error.fix
