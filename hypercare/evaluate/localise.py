"""Names the causes of incidents that are given as files: bad and all events by minute and attribute values.

Format of `hypercare evaluate localise`: a folder with one ``CASE.csv`` or ``CASE.csv.gz`` an incident, with the columns
``min`` (seconds since 1970), ``value`` (bad), ``cnt`` (all) and any others as attributes; and ``causes.ndjson``, of
which only ``case`` and ``timestamp`` are read. Rows after the timestamp are not looked at.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from contracts.errors import Stop
from processors.health.leaf_history import Leaves
from processors.health.scan import scan

ANSWERS = 5
NOT_ATTRIBUTES = ("min", "value", "cnt")


@dataclass(frozen=True, slots=True)
class Incident:
    """One case: its name, the minute it was noticed, attribute names with their values, and rows by side."""

    case: str
    attributes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    now: Leaves
    past: Leaves


def localise_folder(source: Path, output: Path) -> int:
    """Write the ranked answers of every incident of a folder; return how many there were."""
    count = 0
    with output.open("wb") as out:
        for incident in incidents(source):
            out.write(orjson.dumps({"case": incident.case, "answers": answers(incident)}) + b"\n")
            count += 1
    return count


def answers(incident: Incident) -> list[dict[str, str]]:
    """The causes that explain the incident best."""
    found = scan(incident.now, incident.past, attributes=len(incident.attributes), mix=None, most=ANSWERS)
    return [
        {incident.attributes[number]: incident.values[number][code] for number, code in region.pairs}
        for region in found
    ]


def incidents(source: Path) -> Iterator[Incident]:
    """Read the incidents of a folder one by one; raise `Stop` naming the file and line that cannot be read."""
    index = source / "causes.ndjson"
    if not index.is_file():
        raise Stop(f"{index} is missing", fix="give a folder of incidents with their causes.ndjson", exit_code=2)
    for number, line in enumerate(index.read_bytes().splitlines(), 1):
        try:
            said = orjson.loads(line)
            case, minute = str(said["case"]), int(said["timestamp"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise Stop(
                f"{index}, line {number}: {error!r}", fix="each line needs case and timestamp", exit_code=2
            ) from error
        file = next((f for f in (source / f"{case}.csv", source / f"{case}.csv.gz") if f.is_file()), None)
        if file is None:
            raise Stop(f"{index}, line {number}: there is no {case}.csv or .csv.gz", fix="add it", exit_code=2)
        yield _incident(case, minute, file)


def _incident(case: str, minute: int, file: Path) -> Incident:
    raw = file.read_bytes()
    text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
    reader = csv.DictReader(io.StringIO(text))
    attributes = tuple(name for name in reader.fieldnames or () if name not in NOT_ATTRIBUTES)
    known: tuple[dict[str, int], ...] = tuple({} for _ in attributes)
    sides: tuple[list[list[int]], list[list[int]]] = [], []
    for number, row in enumerate(reader, 2):
        try:
            at, bad, calls = int(row["min"]), int(float(row["value"])), int(float(row["cnt"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Stop(
                f"{file}, line {number}: {error!r}", fix="min, value and cnt are numbers", exit_code=2
            ) from error
        if at <= minute:
            codes = [names.setdefault(row[name], len(names)) for name, names in zip(attributes, known, strict=True)]
            sides[at < minute].append([*codes, calls, bad])
    now, past = (_leaves(rows, len(attributes)) for rows in sides)
    return Incident(case, attributes, tuple(tuple(names) for names in known), now, past)


def _unreadable(file: Path, line: int, error: Exception, fix: str) -> Stop:
    return Stop(f"{file}, line {line}: {error!r}", fix=fix, exit_code=2)


def _leaves(rows: list[list[int]], attributes: int) -> Leaves:
    table = np.array(rows, np.int64).reshape(len(rows), attributes + 2)
    return Leaves(table[:, :attributes].astype(np.int16), table[:, attributes:])
