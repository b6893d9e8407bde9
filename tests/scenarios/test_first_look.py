"""The embedded way as a newcomer without Java meets it: the real stages, the broker mock, files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from hypercare.summary import summarise
from hypercare.summary_of_files import summarise_files
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.ndjson import documents_in
from tests.conftest import RunningEngines
from tests.scenarios.workers import wait_until

DEMO = [sys.executable, "-m", "hypercare", "demo", "--replay-at", "2026-06-15T09:00:00Z"]
READY = "ready after"
TIMED = {"p50_ms", "p95_ms", "p50_bytes", "p95_bytes"}
"""Elasticsearch estimates percentiles."""


def environ(home: Path) -> dict[str, str]:
    ours = {"HYPERCARE_HOME": str(home), "HYPERCARE_ENGINES": "embedded", "PYTHONUNBUFFERED": "1"}
    home.mkdir(exist_ok=True)
    return {**os.environ, **ours, "TMPDIR": str(home)}  # what a killed demo leaves of its sample goes with the test


def left_of(home: Path) -> list[psutil.Process]:
    """Living processes that belong to a home or to a folder in it."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("HYPERCARE_HOME", "").startswith(str(home))
            if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, float]:
    """One demo: what it printed, where its documents are, how long it took in seconds."""
    home = tmp_path_factory.mktemp("first-look")
    began = time.monotonic()
    ran = subprocess.run(DEMO, env=environ(home), capture_output=True, text=True, timeout=120, check=False)
    took = time.monotonic() - began
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert left_of(home) == []
    (documents,) = (home / "first-look").glob("*/documents")
    return ran.stdout, documents, took


def test_it_finds_what_was_planted_and_says_what_it_leaves_out(looked: tuple[str, Path, float]) -> None:
    printed, documents, took = looked
    for said in (
        "Engines: embedded, because HYPERCARE_ENGINES asks for the embedded ones.",
        "8,000 calls from",
        "/api/payments",
        "Mobile Safari",
        "300 pieces",
        "truncated_line",
        "This was a first look",
        "Left out: findings, the list of incidents, text search",
        "For the real thing, install Java 21",
        str(documents),
    ):
        assert said in printed
    assert "Traceback" not in printed
    assert took < 60, "30 s are meant; a loaded machine may need longer"


def test_no_document_is_there_twice(looked: tuple[str, Path, float]) -> None:
    for file in looked[1].iterdir():
        said = [next(iter(json.loads(action).values())) for action, _ in documents_in(file)]
        names = [(one["_index"], one["_id"], one.get("version")) for one in said]
        assert len(set(names)) == len(names) > 0


@pytest.mark.engines
def test_elasticsearch_tells_the_same_of_the_same_documents(
    looked: tuple[str, Path, float], engines: RunningEngines, project: str
) -> None:
    """Loaded into data streams and with an origin of this test, so that nobody counts another's documents."""
    client = Access(engines.endpoints.elasticsearch).client()
    origin = f"urn:test:{project}"
    try:
        for file in looked[1].iterdir():
            lines = file.read_bytes().replace(b"-default.demo", f"-default.{project}".encode())
            lines = lines.replace(b'"urn:hypercare:demo:', f'"{origin}:'.encode())
            answer = client.perform_request(
                "POST",
                "/_bulk?refresh=true",
                headers={"content-type": "application/x-ndjson", "accept": "application/json"},
                body=lines,
            ).body
            assert answer["errors"] is False
        asked = asdict(summarise(client, origin=origin))
    finally:
        client.close()
    counted = asdict(summarise_files(looked[1]))
    for name in ("calls", "outcomes", "failing", "busiest", "feedback", "channels", "languages", "dead_letters"):
        assert without_estimates(counted[name]) == without_estimates(asked[name]), name
    for name in ("failing_groups", "reasons"):
        assert sorted(map(str, counted[name])) == sorted(map(str, asked[name])), name
    assert (counted["first"][:19], counted["last"][:19]) == (asked["first"][:19], asked["last"][:19])


def without_estimates(answer: Any) -> Any:
    """Counts only, in an order of their own: ties are broken differently."""
    if not isinstance(answer, list):
        return answer
    if answer and isinstance(answer[0], dict):
        return sorted(str({k: v for k, v in row.items() if k not in TIMED}) for row in answer)
    return sorted(answer)


@contextmanager
def demo_in(home: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A demo on its way, with its stages as children; whatever is left is ended."""
    with log.open("wb") as output:
        process = subprocess.Popen(DEMO, env=environ(home), stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        for left in left_of(home):
            left.kill()
        process.wait(10)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
@pytest.mark.parametrize("when", ["at the start", "at work"])
def test_nothing_is_left_behind_however_it_ends(tmp_path: Path, signum: signal.Signals, when: str) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    with demo_in(home, log) as demo:
        if when == "at work":
            wait_until(lambda: READY in log.read_text(), 60, log.read_text)
        else:
            wait_until(lambda: len(left_of(home)) > 3, 60, log.read_text)
        demo.send_signal(signum)
        demo.wait(30)
        wait_until(lambda: left_of(home) == [], 20, lambda: str([p.cmdline() for p in left_of(home)]))
