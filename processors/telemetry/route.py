"""From a path to a route template: `/orders/42` → `/orders/{id}`."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_SEGMENTS = 8
"""Deeper paths are cut: nobody names a route by its ninth part."""

_SHAPES = (
    ("{masked}", re.compile(r".*\*\*\*.*")),
    ("{id}", re.compile(r"\d+")),
    ("{uuid}", re.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")),
    ("{date}", re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?:T[\d:.Z+\-]*)?")),
    ("{email}", re.compile(r"[^@/\s]+(?:@|%40)[^@/\s]+\.[^@/\s]+")),
    ("{hash}", re.compile(r"(?i)(?=[a-f]*\d)[0-9a-f]{8,}")),
    ("{ip}", re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")),
    ("{id}", re.compile(r"(?i)[a-z]{1,5}[-_]?\d{2,}")),
    ("{token}", re.compile(r"(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_\-=~+]{20,}")),
)


@lru_cache(maxsize=20_000)
def template_segment(segment: str) -> str:
    """Replace one path segment by the name of its shape, or keep it when it is a word."""
    for name, shape in _SHAPES:
        if shape.fullmatch(segment):
            return name
    return segment


def split_path(path: str) -> tuple[str, ...]:
    """Path segments without empty ones and without matrix parameters."""
    return tuple(part.partition(";")[0] for part in path.split("/") if part)


def template(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Segments with every identifier replaced, cut at `MAX_SEGMENTS`."""
    kept = tuple(template_segment(part) for part in segments[:MAX_SEGMENTS])
    return (*kept, "{rest}") if len(segments) > MAX_SEGMENTS else kept
