"""Look at the start of a file of feedback and decide how to read the rest, saying what was assumed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from contracts.errors import Rejected, Stop
from contracts.feedback import Channel
from producers.adapters.adapter import Adapter
from producers.adapters.contract import CONTRACT_FEEDBACK
from producers.adapters.csv_records import NO_DELIMITER, decoded, delimiter_of, records_of, sampled_cells
from producers.adapters.feedback_columns import column_mapping, left_out
from producers.adapters.feedback_table import FeedbackTable, flat, scale_in
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import text_of
from producers.adapters.written_dates import DateRules, day_month_order, parse_date, zone_named
from producers.files import Line

_NOT_TEXT = {
    b"PK\x03\x04": ("a zip archive, perhaps a spreadsheet", "save it as CSV UTF-8"),
    b"\xff\xfe": ("UTF-16", "iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    b"\xfe\xff": ("UTF-16", "iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    b"[": ("a JSON array", "jq -c '.[]' FILE > NEW"),
}


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What the user says about a table; everything left out is worked out or assumed, and said."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    """Field to column, from ``--map text=Description``."""
    date_format: str = ""
    timezone: str = "UTC"
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file: its adapter, how its lines make records, and what was assumed."""

    adapter: Adapter
    decided: tuple[str, ...] = ()
    records: Callable[[Iterator[Line]], Iterator[Line]] = iter
    header: bool = False


def open_feedback(sample: Sequence[Line], path: str, options: TableOptions, *, now: datetime) -> Reading:
    """Decide how to read the file; raise `Stop` when it holds no feedback that can be understood."""
    lines = [line for line in sample if line.data.strip()]
    if not lines:
        raise Stop(f"{path} holds no lines", fix="give a file with at least one line")
    start = lines[0].data.lstrip()
    for magic, (kind, fix) in _NOT_TEXT.items():
        if start.startswith(magic):
            raise Stop(f"{path} is {kind}", fix=fix)
    if not start.startswith(b"{"):
        return _csv(sample, options, now)
    recognised = sum(CONTRACT_FEEDBACK.recognises(line.data) for line in lines)
    if recognised * 2 >= len(lines) and not options.mapping:
        return Reading(CONTRACT_FEEDBACK, (f"contract: {recognised} of the first {len(lines)} lines are in it",))
    return _json_lines(lines, options, now)


def _csv(sample: Sequence[Line], options: TableOptions, now: datetime) -> Reading:
    delimiter = delimiter_of(sample)
    columns, *rows = sampled_cells(sample, delimiter) or [[]]
    columns = [column.strip() for column in columns]
    kind = "one column" if delimiter == NO_DELIMITER else f"columns are separated by {delimiter!r}"
    decided = [f"feedback-csv: {kind}"]
    if any(decoded(line.data) != line.data.decode("utf-8", "replace") for line in sample):
        decided.append("some rows are not UTF-8: they are read as Windows-1252")
    named = [dict(zip(columns, row, strict=False)) for row in rows]
    table, said = _table(columns, named, delimiter, options, now)
    return Reading(table, (*decided, *said), partial(records_of, delimiter=delimiter), header=True)


def _json_lines(lines: Sequence[Line], options: TableOptions, now: datetime) -> Reading:
    rows = []
    for line in lines:
        try:
            rows.append(flat(json_object(line.data)))
        except Rejected:
            continue
    columns = list(dict.fromkeys(name for row in rows for name in row))
    named = [{name: text_of(value) or "" for name, value in row.items()} for row in rows]
    table, said = _table(columns, named, "", options, now)
    return Reading(table, ("feedback-json: one JSON object a line", *said))


def _table(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    delimiter: str,
    options: TableOptions,
    now: datetime,
) -> tuple[FeedbackTable, list[str]]:
    mapping = column_mapping(columns, options.mapping, rows)
    omitted = left_out(columns, mapping)
    decided = ["columns: " + ", ".join(f"{name}={column}" for name, column in mapping.items())]
    if omitted:
        decided.append(f"left out, because they look personal or secret: {', '.join(omitted)}")
    dates, said = _date_rules(columns, rows, mapping, options)
    decided += said
    scale = "stars"
    if "rating" in mapping:
        scale = scale_in(mapping["rating"], [row.get(mapping["rating"], "") for row in rows])
        decided.append(f"ratings are on the scale {scale}")
    if options.channel is None:
        other = "rows without a known channel are" if "channel" in mapping else "no column says the channel: it is"
        decided.append(f"{other} taken as 'ticket' (--channel)")
    table = FeedbackTable(
        columns=tuple(columns),
        mapping=mapping,
        otherwise_at=now,
        delimiter=delimiter,
        dates=dates,
        rating_scale=scale,
        channel=options.channel or "ticket",
        omitted=frozenset(omitted),
    )
    return table, decided


def _date_rules(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]], mapping: Mapping[str, str], options: TableOptions
) -> tuple[DateRules, list[str]]:
    zone = zone_named(options.timezone)
    if "occurred_at" not in mapping:
        rules = DateRules(zone=zone, format=options.date_format)
        return rules, [_without_times([column for column in columns if column not in mapping.values()], rows, rules)]
    dates = [row.get(mapping["occurred_at"], "") for row in rows]
    day_first, reason = day_month_order(dates) if not options.date_format else (True, "")
    said = [reason] if reason else []
    if empty := sum(not date.strip() for date in dates):
        said.append(f"no time in {empty:,} of the first {len(rows):,} rows: rows without one become dead letters")
    said.append(f"times without a zone are in {options.timezone} (--timezone)")
    return DateRules(day_first=day_first, zone=zone, format=options.date_format), said


def _without_times(columns: Sequence[str], rows: Sequence[Mapping[str, str]], rules: DateRules) -> str:
    """Say that every row counts as now, and which column looks like the time."""
    named = next((shlex.quote(f"occurred_at={column}") for column in columns if _holds_times(column, rows, rules)), "")
    counted = (
        f"none of the first {len(rows):,} rows has one, so every row happened now" if rows else "every row happened now"
    )
    return f"no column says the time: {counted} (--map {named or 'occurred_at=COLUMN'})"


def _holds_times(column: str, rows: Sequence[Mapping[str, str]], rules: DateRules) -> bool:
    """Whether cells of a column are dates, every one that is filled; a bare number is rather a count or an id."""
    cells = [cell for row in rows if (cell := row.get(column, "").strip())]
    return bool(cells) and all(not cell.isdecimal() and _is_time(cell, rules) for cell in cells)


def _is_time(cell: str, rules: DateRules) -> bool:
    try:
        parse_date(cell, rules)
    except Rejected:
        return False
    return True
