"""What a command cannot use is told in words, with what to do, and never as a traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hypercare.cli import main


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
