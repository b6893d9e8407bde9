"""The text that Prometheus exporters give, read line by line: one bad line spoils itself only.

    name{label="value",…} value [timestamp]

Source: Prometheus exposition format 0.0.4, and OpenMetrics 1.0, whose exemplars (after ``#``) are left out. Written
here and not taken from ``prometheus_client``, whose parser gives up a whole page for one bad line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_SAMPLES = 200_000
MAX_LINE_CHARS = 16_384
MAX_LABELS = 64
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:.]{0,300}")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_.]{0,200})\s*=\s*"((?:[^"\\]|\\.)*+)"\s*(,|(?=\}))')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
_ESCAPE = re.compile(r"\\.")


class Sample(NamedTuple):
    """One number of one series."""

    name: str
    labels: dict[str, str]
    value: float


@dataclass(slots=True)
class Page:
    """The samples of a page, and how many lines could not be read."""

    samples: list[Sample] = field(default_factory=list)
    bad_lines: int = 0
    first_bad: str = ""


def read_page(text: str) -> Page:
    """Read a page; what is not a finite number, such as NaN of an empty summary, is no sample."""
    page = Page()
    for number, line in enumerate(_lines(text), 1):
        if not line or line.startswith("#"):
            continue
        sample = _sample(line) if len(line) <= MAX_LINE_CHARS else None
        if sample is None or len(page.samples) >= MAX_SAMPLES:
            page.bad_lines += 1
            page.first_bad = page.first_bad or f"line {number}"
        elif math.isfinite(sample.value):
            page.samples.append(sample)
    return page


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.split("\n"))


def _sample(line: str) -> Sample | None:
    found = _NAME.match(line)
    if not found:
        return None
    at, labels = found.end(), dict[str, str]()
    if line[at : at + 1] == "{":
        end = _labels(line, at + 1, labels)
        if end is None:
            return None
        at = end
    rest = line[at:].split()
    if not rest or line[at : at + 1] not in {" ", "\t"}:
        return None
    try:
        return Sample(found[0], labels, float(rest[0]))
    except ValueError:
        return None


def _labels(line: str, at: int, labels: dict[str, str]) -> int | None:
    """Read labels up to the closing brace; the place after it."""
    while True:
        rest = line[at:].lstrip()
        if rest.startswith("}"):
            return len(line) - len(rest) + 1
        found = _LABEL.match(line, at)
        if not found or len(labels) >= MAX_LABELS:
            return None
        labels[found[1]] = _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[0], escape[0]), found[2])
        at = found.end()
