"""What a command cannot use is told in words, with what to do, and never as a traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.main import get_command

from hypercare.cli import app, main
from hypercare.commands.registered import PANELS
from hypercare.searching.forget import question


def test_a_file_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "none" / "calls.ndjson"
    monkeypatch.setattr(sys, "argv", ["hypercare", "simulate", "null", "--minutes", "1", "--output", str(target)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err.replace("\n", "")
    assert ended.value.code == 2
    assert f"{target}: No such file or directory" in said
    assert "→" in said


def test_every_command_stands_in_one_panel_of_the_help() -> None:
    shown = [name for name, command in get_command(app).commands.items() if not command.hidden]  # type: ignore[attr-defined]
    assert sorted(shown) == sorted(" ".join(PANELS.values()).split())


def test_who_is_to_be_forgotten_without_messages_is_asked_about_as_such() -> None:
    assert question(2, running=False) == "Forget 2 messages, for ever?"
    assert "No message" in question(0, running=False)
    assert "stop meanwhile" in question(2, running=True)
