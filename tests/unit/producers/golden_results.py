"""Golden results: what each adapter makes of its sample. Write them anew with ``python -m …golden_results``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from contracts.event import Event
from producers.adapters.adapter import Adapter, CallAdapter
from producers.adapters.apinto_line import ApintoLine, read_formatter
from producers.adapters.contract import CONTRACT_CALLS, CONTRACT_FEEDBACK
from producers.adapters.detect import CALL_ADAPTERS
from producers.adapters.open_feedback import TableOptions
from producers.client.spooled_line import MODEL_OF
from producers.importing import ImportReport, import_file
from producers.outlet import MemoryOutlet

HERE = Path(__file__).parent
NOW = datetime(2026, 6, 16, tzinfo=UTC)
Importing = Callable[[str, MemoryOutlet], ImportReport]


def _calls(adapter: CallAdapter | None = None) -> Importing:
    """Without an adapter it has to be found."""
    return lambda path, outlet: import_file(path, kind="calls", publisher=outlet, adapter=adapter, now=NOW)


def _feedback(options: TableOptions) -> Importing:
    return lambda path, outlet: import_file(path, kind="feedback", publisher=outlet, table=options, now=NOW)


LINE = ApintoLine(read_formatter(str(HERE / "samples" / "apinto-line.formatter.json")))
CALLS: tuple[CallAdapter, ...] = (*CALL_ADAPTERS, LINE)
SAMPLE_OF_ADAPTER = {
    "access-log": "access-log.log",
    "apinto": "apinto.ndjson",
    "apinto-line": "apinto-line.log",
    "aws-api-gateway": "aws-api-gateway.ndjson",
    "envoy": "envoy.ndjson",
    "gravitee": "gravitee.ndjson",
    "kong": "kong.ndjson",
    "nginx-json": "nginx.ndjson",
    "otlp": "otlp.ndjson",
    "traefik": "traefik.ndjson",
    "traefik-common": "traefik-common.log",
    "tyk": "tyk.ndjson",
}
SAMPLES: dict[str, Importing] = {
    **{sample: _calls() for sample in SAMPLE_OF_ADAPTER.values() if sample != "apinto-line.log"},
    "apinto-line.log": _calls(LINE),
    "contract.ndjson": _calls(),
    "contract-feedback.ndjson": _feedback(TableOptions()),
    "feedback.csv": _feedback(TableOptions(mapping={"occurred_at": "Erstellt"}, timezone="Europe/Berlin")),
    "feedback.ndjson": _feedback(TableOptions(mapping={"title": "fields.summary"})),
}
ADAPTERS: tuple[Adapter, ...] = (*CALLS, CONTRACT_CALLS, CONTRACT_FEEDBACK)


def result_of(sample: str) -> str:
    """Everything an import of the sample gives, as text."""
    outlet = MemoryOutlet()
    report = SAMPLES[sample](str(HERE / "samples" / sample), outlet)
    letters = [f"{letter.line} {letter.reason}: {letter.detail}" for letter in outlet.letters]
    found = {
        "decided": report.decided,
        "events": [_shown(event) for event in outlet.events],
        "dead_letters": letters,
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def golden_file(sample: str) -> Path:
    return HERE / "golden" / f"{sample}.json"


def _shown(event: Event) -> object:
    whole = MODEL_OF[event.ce_type].model_validate_json(event.encode())
    said = json.loads(whole.model_dump_json(exclude_none=True, exclude_defaults=True))
    return {name: part for name, part in said.items() if part != {}}


def main() -> None:
    for sample in SAMPLES:
        golden_file(sample).write_text(result_of(sample), encoding="utf-8")


if __name__ == "__main__":
    main()
