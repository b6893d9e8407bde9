"""One peer as a process of its own: ``python -m benchmarks.peers PEER BOOTSTRAP PREFIX COUNT FOLDER``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    peer, bootstrap, prefix, count, folder = sys.argv[1:]
    importlib.import_module(f"benchmarks.peers.{peer}").run(bootstrap, prefix, int(count), Path(folder))


if __name__ == "__main__":
    main()
