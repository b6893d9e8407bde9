r"""Sentences from a small grammar: what the written corpus is made of.

A file has sections, ``[category kind]``, ``[category kind +security]``, ``[neutral]`` and ``[slot name]``, with a
template a line. In a template ``{a|b}`` is one of two, braces may nest, ``<name>`` is one of the lines of that slot,
and ``\n`` is the end of a line. A line that begins with ``#`` is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from numpy.random import Generator

_SECTION = re.compile(r"\[([a-z_]+)(?: ([a-z_]+))?( \+security)?\]")
_INNERMOST = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<([a-z_]+)>")
_BLANKS = re.compile(r"[ ]{2,}")
_GAP = re.compile(r" +([,.!?;:](?:\s|$))")
MOST_STEPS = 200
"""Choices in one sentence; a slot that names itself would never end."""


@dataclass(frozen=True, slots=True)
class Section:
    """Where templates stand: category (``neutral`` and ``slot`` too), kind, and whether they touch security."""

    category: str
    kind: str = ""
    security: bool = False


Templates = Mapping[Section, tuple[str, ...]]


def read_templates(lines: Iterable[str]) -> Templates:
    """Templates by section; raise `ValueError` for a line that belongs to none or has unequal braces."""
    found: dict[Section, list[str]] = {}
    section: Section | None = None
    for number, line in enumerate(lines, 1):
        said = line.strip()
        if not said or said.startswith("# "):
            continue
        if match := _SECTION.fullmatch(said):
            section = Section(match[1], match[2] or "", bool(match[3]))
        elif section is None or said.count("{") != said.count("}"):
            raise ValueError(f"line {number}: {said[:60]!r} stands in no section or has unequal braces")
        else:
            found.setdefault(section, []).append(said.replace("\\n", "\n"))
    return {section: tuple(templates) for section, templates in found.items()}


def weight_of(template: str) -> float:
    """How often a template is used: one with many choices more often, but not as much as it has choices."""
    return 1 + log(1 + template.count("|") + 6 * template.count("<"))


def fill(template: str, slots: Mapping[str, tuple[str, ...]], rng: Generator) -> str:
    """One sentence of a template; raise `ValueError` for an unknown slot or a template that does not end."""
    said = template
    for _ in range(MOST_STEPS):
        if match := _INNERMOST.search(said):
            choices = match[1].split("|")
            chosen = choices[int(rng.integers(len(choices)))]
        elif match := _SLOT.search(said):
            if match[1] not in slots:
                raise ValueError(f"there is no slot {match[1]!r}: {template[:60]!r}")
            lines = slots[match[1]]
            chosen = lines[int(rng.integers(len(lines)))]
        else:
            return _GAP.sub(r"\1", _BLANKS.sub(" ", said)).strip()
        said = said[: match.start()] + chosen + said[match.end() :]
    raise ValueError(f"this template does not end: {template[:60]!r}")
