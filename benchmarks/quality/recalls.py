"""Ranked answers to public questions, by the scorer that lies beside the data."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import orjson


def recalls(scorer: Path, lines: Sequence[dict[str, object]]) -> dict[int, float]:
    """Recall by k, as the scorer prints it: ``…@5 … 0.81``."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "answers.ndjson"
        output.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        command = [sys.executable, str(scorer), str(output)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {int(k): float(recall) for k, recall in re.findall(r"@(\d+)\D+?([01]?\.\d+)", printed)}
