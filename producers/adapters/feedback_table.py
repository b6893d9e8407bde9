"""Feedback from a table: CSV, or JSON objects whose keys are the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.errors import Rejected
from contracts.feedback import Channel, Feedback, on_scale
from contracts.limits import MAX_TEXT_CHARS
from producers.adapters.adapter import Place, line_id, validated
from producers.adapters.attributes import bounded
from producers.adapters.csv_records import cells_of
from producers.adapters.feedback_values import channel_of, language_of, points_of, scale_of
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS, NAME_CHARS, text_of
from producers.adapters.request_targets import masked_url
from producers.adapters.written_dates import DateRules, parse_date

ID_CHARS = 200
TRACE_CHARS = 64
_CONTEXT = ("journey", "screen", "release", "browser", "os", "device", "locale")


@dataclass(frozen=True, slots=True)
class FeedbackTable:
    """A table whose columns are known.

    ``delimiter`` is empty for JSON lines. ``mapping`` is field to column; ``omitted`` are columns that look
    personal or secret. ``otherwise_at`` is the time of every row when there is no column for it.
    """

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    otherwise_at: datetime
    delimiter: str = ","
    dates: DateRules = field(default_factory=DateRules)
    rating_scale: str = "stars"
    channel: Channel = "ticket"
    omitted: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The kind of table."""
        return "feedback-csv" if self.delimiter else "feedback-json"

    @property
    def event(self) -> type[Feedback]:
        """Feedback."""
        return Feedback

    def recognises(self, line: bytes) -> bool:
        """Tell whether a record has the columns of this table."""
        try:
            row = self._row(line)
        except Rejected:
            return False
        return bool(row.keys() & self.mapping.values())

    def parse(self, line: bytes, place: Place) -> Feedback:
        """Read one record."""
        row = self._row(line)
        title = self._cell(row, "title", LINE_CHARS)
        text = self._cell(row, "text", MAX_TEXT_CHARS)
        if text is None and title is None:
            raise Rejected("empty_text", f"{self._columns('text', 'title')} is empty")
        moment = self._moment(row)
        channel, rating, language, extra = self._judged(row)
        fields: dict[str, object] = {
            "id": line_id(line, place, moment),
            "occurred_at": moment or self.otherwise_at.astimezone(UTC),
            "text": text or title,
            "title": title if text else None,
            "channel": channel,
            "rating": rating,
            "language": language,
            "source": self._source(row),
            "reporter": {
                "pseudonym": self._cell(row, "reporter"),
                "role": self._cell(row, "role"),
                "segment": self._cell(row, "segment"),
            },
            "context": {
                "route": self._cell(row, "route", LINE_CHARS),
                **{name: self._cell(row, name) for name in _CONTEXT},
            },
            "trace": {
                "trace_id": self._cell(row, "trace_id", TRACE_CHARS),
                "request_id": self._cell(row, "request_id", ID_CHARS),
            },
            "session": self._cell(row, "session"),
            "thread": self._cell(row, "thread"),
            "attributes": self._attributes(row, extra),
        }
        return validated(Feedback, fields, place)

    def _row(self, record: bytes) -> dict[str, Any]:
        if not self.delimiter:
            return flat(json_object(record))
        cells = cells_of(record.rstrip(b"\r"), self.delimiter)
        if len(cells) > len(self.columns) and any(cells[len(self.columns) :]):
            raise Rejected("wrong_columns", f"{len(cells)} cells under {len(self.columns)} columns")
        return dict(zip(self.columns, cells, strict=False))

    def _cell(self, row: Mapping[str, Any], name: str, limit: int = NAME_CHARS) -> str | None:
        column = self.mapping.get(name)
        return None if column is None else text_of(row.get(column), limit)

    def _moment(self, row: Mapping[str, Any]) -> datetime | None:
        column = self.mapping.get("occurred_at")
        if column is None:
            return None
        text = text_of(row.get(column))
        if text is None:
            raise Rejected("missing_field", f"column {column[:60]!r} is empty")
        try:
            return parse_date(text, self.dates)
        except Rejected as error:
            raise Rejected(error.reason, f"column {column[:60]!r}: {error.detail}") from None

    def _judged(self, row: Mapping[str, Any]) -> tuple[Channel, dict[str, object] | None, str | None, dict[str, str]]:
        """Channel, rating and language, and the cells that say something else, which stay attributes."""
        said = {name: self._cell(row, name) or "" for name in ("channel", "rating", "language")}
        channel, points = channel_of(said["channel"]), points_of(said["rating"])
        if points is not None and not on_scale(self.rating_scale, points):
            points = None
        language = language_of(said["language"])
        known = {"channel": channel, "rating": points, "language": language}
        extra = {name: cell for name, cell in said.items() if cell and known[name] is None}
        rating: dict[str, object] | None = None if points is None else {"scale": self.rating_scale, "value": points}
        return channel or self.channel, rating, language, extra

    def _source(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        url = self._cell(row, "url", LINE_CHARS)
        return {
            "system": self._cell(row, "system"),
            "id": self._cell(row, "id"),
            "url": masked_url(url)[:LINE_CHARS] if url else None,
        }

    def _attributes(self, row: Mapping[str, Any], extra: Mapping[str, str]) -> dict[str, Any]:
        used = set(self.mapping.values())
        free = [(column, value) for column, value in row.items() if column not in used]
        personal = sum(column in self.omitted and text_of(value) is not None for column, value in free)
        kept = [(column, value) for column, value in free if column not in self.omitted]
        return bounded([*extra.items(), *kept], dropped=personal)

    def _columns(self, *names: str) -> str:
        known = [repr(self.mapping[name][:60]) for name in names if name in self.mapping]
        return "column " + " and ".join(known)


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Lift the fields of nested objects up as ``outer.inner``, one level."""
    lifted: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            lifted.update({f"{name}.{inner}": found for inner, found in value.items()})
        else:
            lifted[name] = value
    return lifted


def scale_in(column: str, cells: Sequence[str]) -> str:
    """Scale of a column of ratings, from its name and its highest value."""
    return scale_of(column, max((points for points in map(points_of, cells) if points is not None), default=0.0))
