"""Puts the reports of a file into groups, one pass in its order, as the feedback stage does.

Input: `hypercare.evaluate.report_files`. Output, one JSON object a line in the order of the input: ``id``, ``group``
(the one the report is in at the end: groups that turned out to be one have become one), ``kind``, ``similarity`` and
``reason``. A file larger than what is kept live is grouped by what was live when each report came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from hypercare.evaluate.agreement import ami, nmi
from hypercare.evaluate.report_files import PROJECT, Labelled, reports_of
from processors.feedback.grouping.grouper import Grouper
from processors.feedback.grouping.report import Decision
from processors.feedback.grouping.stored import TABLES
from processors.runtime.tables import State


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many reports and groups there were; agreement with the labels, None where there are none."""

    reports: int
    groups: int
    nmi: float | None
    ami: float | None


def group_file(source: Path, output: Path) -> Agreement:
    """Write the group of every report; reports without a label are not counted in the agreement."""
    labelled = reports_of(source)
    placed = grouped(labelled)
    with output.open("wb") as out:
        for decision, group in placed:
            said = {"id": decision.report, "group": group, "kind": decision.kind}
            out.write(orjson.dumps({**said, "similarity": decision.similarity, "reason": decision.reason}) + b"\n")
    return agreement(labelled, [group for _, group in placed])


def grouped(labelled: Sequence[Labelled]) -> list[tuple[Decision, str]]:
    """Place reports one after the other; each decision with the group that its report is in at the end."""
    grouper = Grouper(State(TABLES))
    decisions = [grouper.place(each.report) for each in labelled]
    root = grouper.memory.project(PROJECT).root
    return [(decision, root(decision.group)) for decision in decisions]


def agreement(labelled: Sequence[Labelled], groups: Sequence[str]) -> Agreement:
    """Hold groups against labels."""
    pairs = [(each.label, group) for each, group in zip(labelled, groups, strict=True) if each.label]
    true, found = [label for label, _ in pairs], [group for _, group in pairs]
    return Agreement(
        len(labelled),
        len(set(groups)),
        round(nmi(true, found), 4) if pairs else None,
        round(ami(true, found), 4) if pairs else None,
    )
