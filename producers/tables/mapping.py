"""Which column means what, kept in a file: a survey that comes every week is understood the same way every week."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast, get_args

from contracts.errors import Rejected, Stop
from contracts.feedback import Channel, Feedback
from producers.adapters.adapter import Place
from producers.adapters.feedback_columns import COLUMN_NAMES
from producers.adapters.feedback_table import FeedbackTable
from producers.adapters.open_feedback import TableOptions, open_feedback
from producers.files import open_lines, source_name
from producers.importing import SAMPLE_LINES

_KEYS = ("map", "date_format", "timezone", "channel")


@dataclass(frozen=True, slots=True)
class Look:
    """How the first rows of a table are understood; ``options`` would read the whole the same way."""

    options: TableOptions
    decided: tuple[str, ...]
    rows: list[tuple[int, Feedback | Rejected]] = field(default_factory=list)


def look_at(path: str, options: TableOptions, *, now: datetime, rows: int, tenant: str, project: str) -> Look:
    """Read the first rows without publishing anything; raise `Stop` when the table cannot be understood."""
    with open_lines(path) as lines:
        sample = list(islice(lines, SAMPLE_LINES))
    reading = open_feedback(sample, path, options, now=now)
    records = (record for record in reading.records(iter(sample)) if record.fault or record.data.strip())
    found: list[tuple[int, Feedback | Rejected]] = []
    for record in islice(records, int(reading.header), rows + int(reading.header)):
        try:
            if record.fault:
                raise record.fault
            event = reading.adapter.parse(record.data, Place(source_name(path), record.number, tenant, project))
            found.append((record.number, cast("Feedback", event)))
        except Rejected as rejected:
            found.append((record.number, rejected))
    if isinstance(reading.adapter, FeedbackTable):
        options = replace(options, mapping=dict(reading.adapter.mapping), channel=reading.adapter.channel)
    return Look(options, reading.decided, found)


def save_mapping(file: Path, options: TableOptions) -> None:
    """Write what reads a table."""
    said = asdict(options)
    kept = {"map": dict(said.pop("mapping")), **{key: said[key] for key in _KEYS[1:] if said[key]}}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_mapping(file: Path) -> TableOptions:
    """Read what was saved, or written by hand; raise `Stop` that says what is wrong and where."""
    try:
        said: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Stop(f"cannot read the mapping {file}: {error.strerror}", fix="make one with --save-mapping") from None
    except ValueError as error:
        raise Stop(f"the mapping {file} is no JSON: {error}", fix="mend it, or make one with --save-mapping") from None
    wrong = _wrong(said)
    if wrong:
        raise Stop(f"the mapping {file} cannot be used: {wrong}", fix="mend it, or make one with --save-mapping")
    return TableOptions(
        mapping=said.get("map", {}),
        date_format=said.get("date_format", ""),
        timezone=said.get("timezone", "UTC"),
        channel=said.get("channel"),
    )


def _wrong(said: Any) -> str:
    if not isinstance(said, dict):
        return "it has to be an object"
    if unknown := [key for key in said if key not in _KEYS]:
        return f"there is no {unknown[0]!r}; there are {', '.join(_KEYS)}"
    pairs = said.get("map", {})
    if not isinstance(pairs, dict) or not all(isinstance(column, str) for column in pairs.values()):
        return "map has to be an object of field and column"
    if strange := [name for name in pairs if name not in COLUMN_NAMES]:
        return f"map: there is no field {strange[0]!r}; there are {', '.join(COLUMN_NAMES)}"
    if said.get("channel") not in {None, *get_args(Channel)}:
        return f"channel has to be one of {', '.join(get_args(Channel))}"
    texts = [key for key in ("date_format", "timezone") if not isinstance(said.get(key, ""), str)]
    return f"{texts[0]} has to be a text" if texts else ""
