"""Names the causes of incidents that are given as files: bad and all events by minute and attribute values.

Format of `hypercare evaluate localise`: a folder with one ``CASE.csv`` or ``CASE.csv.gz`` an incident, with the columns
``min`` (seconds since 1970), ``value`` (bad), ``cnt`` (all) and any others as attributes; and ``causes.ndjson``, of
which only ``case`` and ``timestamp`` are read. Rows after the timestamp are not looked at.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from contracts.errors import Stop
from processors.health.leaves import Leaves
from processors.health.scan import scan

ANSWERS = 5
NOT_ATTRIBUTES = ("min", "value", "cnt")
MOST_VALUES = 2**15
"""Values of an attribute that a leaf's codes tell apart."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One case: its name, the minute it was noticed, attribute names with their values, and leaves by minute."""

    case: str
    attributes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    now: Leaves
    past: tuple[Leaves, ...]


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
    found = scan(incident.now, incident.past, attributes=len(incident.attributes), mix=None, other=None, most=ANSWERS)
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
    rows = _rows(file)
    header = next(rows, (1, []))[1]
    if lacking := [name for name in NOT_ATTRIBUTES if name not in header]:
        raise Stop(f"{file}: there is no column {', '.join(lacking)}", fix="add it", exit_code=2)
    at, bad, calls = (header.index(name) for name in NOT_ATTRIBUTES)
    attributes = {name: number for number, name in enumerate(header) if name not in NOT_ATTRIBUTES}
    known: tuple[dict[str, int], ...] = tuple({} for _ in attributes)
    minutes: dict[int, list[list[int]]] = {minute: []}
    for line, row in rows:
        try:
            moment, sums = int(row[at]), [int(float(row[calls])), int(float(row[bad]))]
            values = [row[number] for number in attributes.values()]
        except (IndexError, ValueError, OverflowError) as error:
            fix = "give each column a value, and numbers in min, value and cnt"
            raise Stop(f"{file}, line {line}: {error}", fix=fix, exit_code=2) from error
        if moment <= minute:
            codes = [names.setdefault(value, len(names)) for value, names in zip(values, known, strict=True)]
            minutes.setdefault(moment, []).append([*codes, *sums])
    if max(map(len, known), default=0) > MOST_VALUES:
        raise Stop(f"{file}: an attribute has more than {MOST_VALUES} values", fix="leave it out", exit_code=2)
    now, *past = (_leaves(counted, len(attributes)) for counted in minutes.values())
    return Incident(case, tuple(attributes), tuple(tuple(names) for names in known), now, tuple(past))


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a plain or gzip CSV file with their line numbers; raise `Stop` where it is neither."""
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        for row in reader:
            if row:
                yield reader.line_num, row
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise Stop(f"{file}: {error}", fix="give a CSV file in UTF-8, plain or gzip", exit_code=2) from error


def _leaves(rows: list[list[int]], attributes: int) -> Leaves:
    table = np.array(rows, np.int64).reshape(len(rows), attributes + 2)
    return Leaves(table[:, :attributes].astype(np.int16), table[:, attributes:])
