"""Children end with their parent, and only they."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from hypercare.engines.guard import Guard, end_when_closed
from hypercare.engines.process_record import member_of
from tests.scenarios.workers import wait_until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(); time.sleep(60)"
PARENT = """
import subprocess, sys, time
import psutil
from hypercare.engines.process_record import member_of
from hypercare.engines.guard import Guard
with Guard() as guard:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    guard.watch(member_of(psutil.Process(child.pid)))
    print(child.pid, guard._process.pid, flush=True)
    time.sleep(60)
"""


def test_a_killed_parent_leaves_neither_child_nor_guard() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    processes = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    wait_until(lambda: not any(process.is_running() and process.status() != "zombie" for process in processes), 15)


def test_a_child_that_does_not_listen_is_forced(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, cwd=tmp_path)
    assert child.stdout is not None
    child.stdout.readline()
    with Guard() as guard:
        guard.watch(member_of(psutil.Process(child.pid)))
    child.communicate()
    assert child.returncode == -signal.SIGKILL


def test_a_child_that_ended_and_whose_number_is_another_s_is_no_concern() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        pid = stranger.pid
        earlier = {"pid": pid, "created": psutil.Process(pid).create_time() - 100}
        end_when_closed(io.StringIO(json.dumps(earlier) + "\n"))
        assert stranger.poll() is None
        stranger.kill()
