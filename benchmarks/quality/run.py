"""Everything about quality in one report: ``make evaluate``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.quality import categories, cost, feedback_stage, grouping, joining, localise, series, simulated, state
from benchmarks.quality.measure import Measure

DATA = Path(__file__).parents[3] / "shared" / "data"


def main() -> None:
    """Print every measure; write them as JSON where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seeds", type=int, default=20, help="runs of each simulated scenario")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of public data with its scorers")
    options = parser.parse_args()
    measures = [
        *_on_public_data(options.data),
        *simulated.measures(options.seeds),
        *cost.measures(),
        *state.measures(),
        *categories.measures_of_our_own(),
        *joining.measures(options.seeds),
        *feedback_stage.measures(),
    ]
    for measure in measures:
        print(_line(measure))
    if options.out:
        options.out.write_text(json.dumps([asdict(m) for m in measures], indent=1, ensure_ascii=False) + "\n")


def _on_public_data(data: Path) -> list[Measure]:
    if not data.is_dir():
        print(f"skipped: {data} is not there, so nothing is scored on public data; give --data")
        return []
    return [*localise.measures(data), *series.measures(data), *grouping.measures(data), *categories.measures(data)]


def _line(measure: Measure) -> str:
    verdict = "ok" if measure.met else "NOT MET"
    return (
        f"{verdict:<8}{measure.data}: {measure.metric} = {measure.value:g} "
        f"(wanted {measure.at_least:g}, aim {measure.aim:g}); {measure.note}"
    )


if __name__ == "__main__":
    main()
