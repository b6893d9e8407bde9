from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.engines.lock import Holder, holder, locked


def test_the_second_waits_and_is_told_for_whom(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    order: list[str] = []
    told = threading.Event()

    def second() -> None:
        def say(line: str) -> None:
            order.append(line)
            told.set()

        with locked(file, doing="being second", say=say):
            order.append("second")

    with locked(file, doing="being first", say=order.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert told.wait(10)
        order.append("first")
    thread.join(10)
    assert order == [f"Waiting for process {os.getpid()}, which is being first …", "first", "second"]


def test_the_holder_is_known_only_while_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    assert holder(file) is None
    with locked(file, doing="testing", say=lambda _: None):
        assert holder(file) == Holder(pid=os.getpid(), doing="testing")
    assert holder(file) is None


def test_patience_ends_with_a_word_on_who_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with (
        locked(file, doing="testing", say=lambda _: None),
        pytest.raises(Stop, match="has been testing for too long"),
        locked(file, doing="waiting", say=lambda _: None, patience_s=0),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_a_stop(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Stop) as stop, locked(tmp_path / "file" / "lock", doing="x", say=lambda _: None):
        pass
    assert "HYPERCARE_HOME" in stop.value.fix
