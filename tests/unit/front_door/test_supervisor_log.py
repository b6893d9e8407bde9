"""What the supervisor notes of ends that nobody asked for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.scenarios.workers import wait_until

SUPERVISE = """
import os, sys
from pathlib import Path
from hypercare.supervisor import Supervisor
from processors.runtime import logs
logs.set_up("info", stage="supervisor")
Supervisor(["no-such-stage"], Path(sys.argv[1]), dict(os.environ)).run()
"""


def test_each_end_is_one_line_with_its_reason_and_what_follows(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    file = tmp_path / "supervisor.log"
    with file.open("wb") as log:
        supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(tmp_path)], stdout=log, stderr=log)
        try:
            wait_until(lambda: file.read_text().count("process_ended") >= 2, 60, file.read_text)
        finally:
            supervisor.send_signal(signal.SIGTERM)
            supervisor.wait(30)
    said = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["stage"] for line in said} == {"supervisor"}
    first = said[0]
    assert (first["process"], first["how"], first["restarts"]) == ("no-such-stage", "exit code 1, see its log", 1)
    assert first["then"] == "it is started again"
