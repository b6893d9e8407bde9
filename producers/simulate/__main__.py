"""Write the sample: ``python -m producers.simulate --out FOLDER [--seed N]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from producers.simulate.sample import TRUTH_FILE, write_sample


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files and say what they hold."""
    parser = argparse.ArgumentParser(prog="python -m producers.simulate", description="Write a synthetic sample.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same files")
    given = parser.parse_args(arguments)
    truth = write_sample(given.out, given.seed)
    for name, counts in truth["files"].items():
        sys.stdout.write(f"{given.out / name}: {counts['events']} good, {counts['rejected']} bad\n")
    sys.stdout.write(f"{given.out / TRUTH_FILE}: what was planted\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
