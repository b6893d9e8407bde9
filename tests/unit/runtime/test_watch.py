"""A worker that nobody watches does not go on."""

from __future__ import annotations

import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from processors.runtime import watch as watching_module
from processors.runtime.settings import WorkerSettings
from processors.runtime.watch import watching


class Watcher:
    """Stands in for a watch: fails when it looks, or looks for ever."""

    problem = ""
    ready = True

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def stalled(self, now: float) -> bool:
        return now < 0

    async def look(self) -> None:
        if self._error is not None:
            raise self._error


def test_a_watch_that_fails_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    errors: list[BaseException] = []

    def end(error: BaseException) -> None:
        errors.append(error)
        ended.set()

    monkeypatch.setattr(watching_module, "end_process", end)
    broken: Any = Watcher(RuntimeError("dictionary changed size during iteration"))
    with watching(broken, WorkerSettings(kafka="", folder=tmp_path), "stage"):
        assert ended.wait(10)
    assert "dictionary changed" in repr(errors[0])


def test_pages_are_there_as_long_as_the_worker_is(tmp_path: Path) -> None:
    settings = WorkerSettings(kafka="", folder=tmp_path)
    port = settings.file("stage", ".port")
    fine: Any = Watcher(None)
    with watching(fine, settings, "stage"):
        while not port.exists() or not port.read_text():
            pass
        with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text()}/health/live", timeout=10) as page:
            assert page.read() == b"ok"
    assert not port.exists()
