"""What a dashboard is made of: small values, without any of Kibana's JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from sinks.kibana.columns import MS, Bucket, Filters, Format, Number, Times
from sinks.kibana.conditions import Condition, fields_of

COLUMNS = 48
"""Width of Kibana's grid."""
Series = Literal["line", "area_stacked", "bar", "bar_stacked", "bar_horizontal", "bar_percentage_stacked"]


@dataclass(frozen=True, slots=True)
class RuntimeField:
    """A field that is computed from others when it is asked for; ``script`` is Painless and emits values."""

    kind: Literal["long", "double", "keyword"]
    script: str


@dataclass(frozen=True, slots=True)
class DataView:
    """Some indices, the field that is their time, and what their fields mean.

    Without ``time`` every document counts, whatever time is looked at: for lists of what is so now. ``runtime`` are
    fields that are computed when they are asked for.
    """

    id: str
    name: str
    pattern: str
    time: str = "@timestamp"
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)
    runtime: dict[str, RuntimeField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A list of documents with chosen columns, newest first unless ``sort`` says otherwise."""

    id: str
    title: str
    about: str
    view: DataView
    columns: tuple[str, ...]
    where: Condition | None = None
    sort: tuple[tuple[str, Literal["asc", "desc"]], ...] = (("@timestamp", "desc"),)


@dataclass(frozen=True, slots=True)
class Layer:
    """Documents of one view, put together by ``by`` (outermost first) and measured."""

    view: DataView
    numbers: tuple[Number, ...]
    by: tuple[Bucket, ...] = ()

    @property
    def axis(self) -> int:
        """The place of the bucket that a chart lays along its axis: time if there is one, else the first."""
        return next((i for i, bucket in enumerate(self.by) if isinstance(bucket, Times)), 0)

    @property
    def split(self) -> int | None:
        """The place of the bucket that makes a series of each value."""
        return next((i for i in range(len(self.by)) if i != self.axis), None)

    @property
    def times(self) -> tuple[str, ...]:
        """The time fields that the range of the dashboard applies to, as Kibana chooses them."""
        own = tuple(dict.fromkeys(bucket.field for bucket in self.by if isinstance(bucket, Times)))
        return own or ((self.view.time,) if self.view.time else ())

    def fields(self) -> Iterator[str]:
        """Every field it needs."""
        yield from self.times
        for bucket in self.by:
            if isinstance(bucket, Filters):
                for _, condition in bucket.groups:
                    yield from fields_of(condition)
            else:
                yield bucket.field
        for number in self.numbers:
            yield from (number.field,) if number.field else ()
            yield from fields_of(number.where)


@dataclass(frozen=True, slots=True)
class Charted:
    """What all charts have: a stable name, the question that is answered, a width of 48 columns, documents meant."""

    name: str
    title: str
    about: str
    width: int
    layers: tuple[Layer, ...]
    where: Condition | None = None
    leads_to: str = ""
    """Id of the dashboard that a click on a value may lead to, with that value as a filter."""


@dataclass(frozen=True, slots=True)
class Figure(Charted):
    """One number, large; of the first number of its layer."""


@dataclass(frozen=True, slots=True)
class Chart(Charted):
    """Lines or bars along time, or else the first bucket; another one splits it. All layers share the axis.

    What splits stands before time: the largest of the whole period are shown, not others at every step.
    """

    series: Series = "line"
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Table(Charted):
    """Rows of buckets and numbers; ``sorted_by`` is the number that a reader sees sorted, the largest first.

    It ``narrows`` when a click on a value filters the dashboard that it stands on.
    """

    rows: int = 10
    sorted_by: int | None = None
    narrows: bool = False


@dataclass(frozen=True, slots=True)
class Heatmap(Charted):
    """First bucket across, second one down, the first number as colour."""


@dataclass(frozen=True, slots=True)
class Donut(Charted):
    """Parts of a whole."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A saved search on a dashboard, under its own title or as it is ``called`` there."""

    name: str
    search: SavedSearch
    width: int = COLUMNS
    called: str = ""

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.called or self.search.title


@dataclass(frozen=True, slots=True)
class Words:
    """Text in Markdown."""

    name: str
    title: str
    markdown: str
    width: int = COLUMNS


@dataclass(frozen=True, slots=True)
class Mark:
    """Documents drawn as marks on the time axis, such as fixes that went live."""

    name: str
    label: str
    view: DataView
    where: Condition
    text: str = ""


LensPanel = Figure | Chart | Table | Heatmap | Donut
Panel = LensPanel | Listing | Words


@dataclass(frozen=True, slots=True)
class Row:
    """Panels beside each other; their widths fill the grid. Heights are in grid rows of about 20 pixels."""

    height: int
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """A menu of the values of a field, which filters the whole dashboard."""

    name: str
    title: str
    field: str
    view: DataView


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page that answers a few questions; ``since`` is the time it opens with, such as ``now-24h``."""

    id: str
    title: str
    about: str
    rows: tuple[Row, ...]
    controls: tuple[Control, ...] = ()
    since: str = "now-24h"

    @property
    def span(self) -> timedelta:
        """How long that time is."""
        return timedelta(milliseconds=int(self.since[4:-1]) * MS[self.since[-1]])

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of them, from the top left to the bottom right."""
        return tuple(panel for row in self.rows for panel in row.panels)

    @property
    def charts(self) -> tuple[LensPanel, ...]:
        """Those that run an aggregation."""
        return tuple(panel for panel in self.panels if isinstance(panel, LensPanel))
