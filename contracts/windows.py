"""Partial sums of calls per ten-second window, tagged with the range of records they cover.

A range makes sums exact under replay: whoever reads the same records again, after a crash or a rebalance, publishes
sums whose range overlaps the earlier ones and replaces them (`docs/decisions/0008-range-tagged-sums.md`).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, SkipValidation, WithJsonSchema, model_validator

from contracts.calls import SERVING_FAILURES, Blame, Outcome
from contracts.event import Event, Part
from contracts.limits import MOST, Count, Line, Name, Status

WINDOW_S = 10
"""Length of a window in seconds: short enough to see an onset, long enough to sum thousands of calls in one row."""
OTHER = "other"
"""Stands for every value beyond a cap."""
UNKNOWN = ""
"""Stands for an attribute the call did not have."""
ATTRIBUTES = (
    "route",
    "method",
    "upstream",
    "consumer",
    "browser",
    "os",
    "device",
    "country",
    "release",
    "instance",
)
"""What a fault may be narrowed down to, in the order of a leaf's codes."""
MOST_MORE = 4
"""Attributes of a project's own that its leaves may have as well."""
CODED = (*ATTRIBUTES, "failure")
"""The codes of a leaf: its attributes, then how it failed (`blame:code`), which is evidence and not a cause."""
MAX_SERIES = 2_000
MAX_LEAVES = 20_000
MAX_EDGES = 2_000
MAX_GATEWAYS, MAX_AI = 250, 500
LATENCY_RATIO = 1.01 / 0.99
"""Ratio of two neighbouring bucket borders: the middle of a bucket is within 1 % of everything in it."""
Histogram = dict[Annotated[int, Field(ge=-400, le=1_000)], Count]
"""Bucket → calls; bucket i holds durations in (g^(i-1), g^i] ms, where g is `LATENCY_RATIO`.

Source: Masson, Rim, Lee, "DDSketch", VLDB 2019, section 2.1.
"""


class SourceRange(Part):
    """Which records were summed, and by whom.

    ``generation`` is the consumer group's; messages of one ``flush`` belong together; ``committed`` is the offset
    below which nothing is read again, as far as it was known. ``unread`` is how many records of the partition wait
    behind the range. A reader that says so speaks again of each project that it spoke of, at the latest when it has
    read everything: with a message without sums. Until then its silence means that it is held up, and not that there
    are no calls. ``first`` is ``last`` + 1 where no record was read since the last message.
    """

    topic: Name
    partition: Count
    generation: Annotated[int, Field(ge=-1, le=2**31)]
    flush: Name
    first: Count
    last: Count
    committed: Count = 0
    unread: Count | None = None


class SeriesSums(Part):
    """Calls of one route at one upstream; sums, so that they add up.

    ``latency`` has one entry per bucket, for the calls whose duration is known.
    """

    route: Line = UNKNOWN
    upstream: Name = UNKNOWN
    outcomes: dict[Outcome, Count]
    blames: dict[Blame, Count] = Field(default_factory=dict)
    statuses: dict[Status, Count] = Field(default_factory=dict, description="failures by HTTP status")
    latency: Histogram = Field(default_factory=dict)
    bytes: Count = 0
    rows: Count = 0

    @property
    def calls(self) -> int:
        """All calls, whatever their outcome."""
        return sum(self.outcomes.values())


class EdgeSums(Part):
    """Calls of one service to another; ``caller`` is empty for calls from outside.

    The time a service spends itself is what its callers wait for it, less what it waits for others.
    """

    caller: Name = UNKNOWN
    upstream: Name = UNKNOWN
    calls: Count
    latency_us: Count = 0
    bytes: Count = 0
    rows: Count = 0


class GatewaySums(Part):
    """Time that one gateway instance added to its calls itself: the whole duration less the upstream's."""

    instance: Name
    latency: Histogram


class AiSums(Part):
    """Calls to one model of one provider, as asked for, and the model that answered.

    ``measured`` answers have a known number of output tokens; ``logs`` and ``log_squares`` sum `LOG_TOKENS` · ln(1 + n)
    of theirs, rounded, and its square: numbers of tokens vary by factors. ``cost_microusd``: millionths of a dollar.
    """

    provider: Name = UNKNOWN
    request_model: Name = UNKNOWN
    response_model: Name = UNKNOWN
    calls: Count
    answered: Count = 0
    limited: Count = 0
    truncated: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0
    cached_tokens: Count = 0
    cost_microusd: Count = 0
    measured: Count = 0
    logs: Count = 0
    log_squares: Count = 0


AI_COUNTS = tuple(name for name, field in AiSums.model_fields.items() if field.annotation is int)
LOG_TOKENS = 100
"""Parts of a natural logarithm that are told apart in sums of logarithms: 1 % of a number of tokens."""
WENT_WRONG: dict[Outcome, int] = {
    **dict.fromkeys(SERVING_FAILURES, 1),
    "rate_limited": 2,
    "auth_failed": 3,
}
"""Column of a leaf's sums that counts an outcome; column 0 counts calls, other mistakes of clients count as good."""
UNROUTED = 1 + max(WENT_WRONG.values())
"""Column of a leaf's sums that counts calls for which the gateway had no route."""
MASS = 1 + UNROUTED
"""Column of a leaf's sums that adds milliseconds up (weighted), each at most `LONGEST_MS`.

Only of calls that did not go wrong: a timeout is no slowness.
"""
LONGEST_MS = 60_000
"""What a call that hangs for hours counts in a sum: as a minute, so that one does not outweigh a thousand."""
VARIANCE = 1 + MASS
"""Column of a leaf's sums that says how uncertain its number of calls is: w (w - 1) for each sampled call of weight w.

Source: Horvitz and Thompson, "A generalization of sampling without replacement", JASA 47 (1952).
"""
LEAF_SUMS = VARIANCE + 1
LEAF_WIDTH = len(CODED) + LEAF_SUMS
GOOD_SAMPLE = 8
"""Of a busy window's good calls one in so many becomes a leaf, with this weight."""
Leaves = Annotated[
    list[int],
    SkipValidation,
    WithJsonSchema(
        {
            "type": "array",
            "maxItems": MAX_LEAVES * (LEAF_WIDTH + MOST_MORE),
            "items": {"type": "integer", "minimum": 0, "maximum": MOST},
        }
    ),
]
"""Rows of numbers, one behind the other: a code for each of `WindowSums.coded`, then calls (weighted), how many of them
failed, met a rate limit, were not let in, found no route, `MASS` and `VARIANCE`. Checked all at once, which costs a
tenth."""
Rows = npt.NDArray[np.int64]


class WindowSums(Event):
    """What one reader of calls adds to one window of one project; ``occurred_at`` is the window's start.

    ``low_at_ms`` is the event time, in milliseconds since 1970, that nine in ten of the covered records have passed.
    ``origin`` is set for calls that were imported from the past: each import is a time of its own, beside the present.
    ``values`` spells the codes of the leaves out, by attribute; ``more`` names those that were agreed for the project.
    Calls that went wrong are all there, good ones are a weighted sample.
    """

    ce_type: ClassVar[str] = "io.hypercare.windows.added.v1"

    source: SourceRange
    low_at_ms: Annotated[int, Field(ge=0, le=2**48)]
    origin: Line | None = None
    series: Annotated[tuple[SeriesSums, ...], Field(max_length=MAX_SERIES)] = ()
    edges: Annotated[tuple[EdgeSums, ...], Field(max_length=MAX_EDGES)] = ()
    gateways: Annotated[tuple[GatewaySums, ...], Field(max_length=MAX_GATEWAYS)] = ()
    ai: Annotated[tuple[AiSums, ...], Field(max_length=MAX_AI)] = ()
    more: Annotated[tuple[Name, ...], Field(max_length=MOST_MORE)] = ()
    values: Annotated[tuple[tuple[Name, ...], ...], Field(max_length=len(CODED) + MOST_MORE)] = ()
    leaves: Leaves = Field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether it adds nothing, and only says how far its reader is."""
        return not (self.series or self.leaves or self.edges or self.gateways or self.ai)

    @property
    def coded(self) -> int:
        """How many codes a leaf has: `ATTRIBUTES`, ``more``, and how it failed."""
        return len(CODED) + len(self.more)

    @property
    def rows(self) -> Rows:
        """The leaves as a table, (n, ``coded`` + `LEAF_SUMS`)."""
        return np.array(self.leaves, np.int64).reshape(-1, self.coded + LEAF_SUMS)

    @model_validator(mode="after")
    def _leaves_mean_something(self) -> Self:
        width = self.coded + LEAF_SUMS
        if not isinstance(self.leaves, list) or len(self.leaves) > MAX_LEAVES * width:
            raise ValueError(f"leaves: a list of at most {MAX_LEAVES} rows of {width} numbers")
        if not self.leaves:
            return self
        numbers = np.array(self.leaves)
        if numbers.dtype != np.int64 or numbers.ndim != 1 or len(numbers) % width:
            raise ValueError(f"leaves: not whole numbers in rows of {width}")
        if numbers.min() < 0 or numbers.max() > MOST:
            raise ValueError(f"leaves: a number is not between 0 and {MOST}")
        codes, spelled = numbers.reshape(-1, width)[:, : self.coded], [len(values) for values in self.values]
        if len(spelled) != self.coded or (codes.max(axis=0) >= np.array(spelled)).any():
            raise ValueError("leaves: a code has no value")
        return self

    @property
    def start(self) -> int:
        """Start of the window, in seconds since 1970."""
        return int(self.occurred_at.timestamp())
