"""Real incidents of a live-streaming service (RobustSpot's data), whose exact causes are to be named."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.quality.measure import Measure
from hypercare.evaluate.localise import localise_folder

WANTED = {1: (0.60, 0.75), 3: (0.88, 0.94), 5: (0.91, 0.96)}


def measures(data: Path) -> list[Measure]:
    """Recall at 1, 3 and 5 by the scorer that lies beside the data."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "answers.ndjson"
        began = time.perf_counter()
        count = localise_folder(data / "localise", output)
        took_ms = 1000 * (time.perf_counter() - began) / count
        scorer = [sys.executable, str(data / "score_localise.py"), str(output)]
        said = subprocess.run(scorer, capture_output=True, text=True, check=True).stdout
    found = {int(k): float(recall) for k, recall in re.findall(r"@(\d)\D+?([01]?\.\d+)", said)}
    note = f"{count} incidents, {took_ms:.1f} ms each with reading"
    return [
        Measure("localise", f"exact-cause recall @{k}", found[k], *wanted, note=note) for k, wanted in WANTED.items()
    ]
