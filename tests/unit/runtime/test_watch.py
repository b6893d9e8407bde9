"""A worker that nobody watches does not go on."""

from __future__ import annotations

import asyncio
import threading
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from processors.runtime import watch as watching_module
from processors.runtime.settings import WorkerSettings
from processors.runtime.watch import Watch, watching


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


class Waiter:
    """Stands in for a worker that has waited for its receiver since it began, and for the app around it."""

    last_progress = 0.0

    def __init__(self) -> None:
        self._consumer = SimpleNamespace(assignment=lambda: {0}, lag=lambda: 1)

    def waiting(self) -> str:
        return "Kafka confirms nothing"


def _stalled_after(tmp_path: Path, *, back_s: float, at: int = 10) -> int | None:
    """Seconds until a watch finds a waiting worker stalled, None if it does not within an hour."""
    waiter: Any = Waiter()
    settings = WorkerSettings(kafka="", folder=tmp_path, stalled_after_s=60)
    began = time.monotonic()
    watch = Watch(waiter, waiter, settings, waiter)
    for second in range(3_600):
        now = began + second
        watch.check(now, time.time() - time.monotonic() + now - (back_s if second >= at else 0))
        if watch.stalled(now):
            return second
    return None


def test_a_worker_that_waits_is_spared(tmp_path: Path) -> None:
    assert _stalled_after(tmp_path, back_s=0) is None


def test_a_worker_that_waits_while_the_clock_goes_ahead_is_spared(tmp_path: Path) -> None:
    assert _stalled_after(tmp_path, back_s=-86_400) is None


def test_a_worker_that_waits_after_the_clock_went_back_is_not(tmp_path: Path) -> None:
    found = _stalled_after(tmp_path, back_s=7_200, at=10)
    assert found is not None
    assert 10 + 59 <= found <= 10 + 61  # spared for the last time a second before it, give or take a rounding


def test_a_small_correction_of_the_clock_changes_nothing(tmp_path: Path) -> None:
    assert _stalled_after(tmp_path, back_s=1) is None


def test_a_wait_that_the_clock_made_longer_by_less_is_spared_when_it_is_over(tmp_path: Path) -> None:
    assert _stalled_after(tmp_path, back_s=50) is None


class Group:
    """Stands in for the broker's word about a group, and for a worker without a partition in it."""

    last_progress = 0.0

    def __init__(self, *, fine: bool) -> None:
        self.fine, self.joined = fine, 0
        self._consumer = SimpleNamespace(assignment=set, lag=lambda: 0, join_again=self._join, member_id="me")

    def waiting(self) -> str:
        return ""

    def others_own_all(self, member: str) -> bool:
        assert member == "me"
        return self.fine

    def _join(self) -> None:
        self.joined += 1


@pytest.mark.parametrize("fine", [True, False])
def test_without_a_partition_it_joins_again_and_ends_unless_others_own_all(tmp_path: Path, *, fine: bool) -> None:
    group: Any = Group(fine=fine)
    settings = WorkerSettings(kafka="", folder=tmp_path, stalled_after_s=60)
    began = time.monotonic()
    watch = Watch(group, group, settings, group)

    async def five_minutes() -> None:
        for second in range(300):
            watch.check(began + second, time.time())
            await watch.mend(began + second)

    asyncio.run(five_minutes())
    assert watch.stalled(began + 300) is not fine
    assert (group.joined == 0) is fine
    assert watch.problem == ("spare: others own every partition" if fine else "owns no partition")
    assert not watch.ready
