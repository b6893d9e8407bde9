"""The file of saved objects that lies in the repository: ``python -m sinks.kibana.written`` writes it from the code."""

from __future__ import annotations

from pathlib import Path

from sinks.kibana.catalogue import export

FILE = Path(__file__).parents[2] / "docs" / "dashboards" / "hypercare.ndjson"

if __name__ == "__main__":
    FILE.write_bytes(export())
