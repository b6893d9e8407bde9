"""Ranks, for each report of a file, all others by how likely they are its duplicate: the product's own similarity.

Input: `hypercare.evaluate.report_files`. Output, one JSON object a line: ``id``, ``ranked`` (ids, the likest first) and
``similarity`` (0 to 1, of each). All reports are compared, older and newer ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from hypercare.evaluate.report_files import reports_of
from processors.feedback.grouping.corpus import Corpus
from processors.feedback.grouping.features import features_of

RANKED = 20
COMPARED = 200
"""Reports that are compared in full; a stage, which needs the nearest only, compares fewer."""


def rank_file(source: Path, output: Path) -> int:
    """Write the ranking of every report; return how many there were."""
    count = 0
    with output.open("wb") as out:
        for line in ranking(source):
            out.write(orjson.dumps(line) + b"\n")
            count += 1
    return count


def ranking(source: Path) -> Iterator[dict[str, Any]]:
    """Rank the others for each report of a file."""
    corpus, known = Corpus(), {}
    for order, labelled in enumerate(reports_of(source)):
        report = labelled.report
        known[report.id] = features_of(report.title, report.text)
        corpus.add(report.id, order, known[report.id])
    for name, features in known.items():
        near = corpus.nearest(features, besides=name, most=COMPARED)[:RANKED]
        yield {
            "id": name,
            "ranked": [each.report for each in near],
            "similarity": [round(each.similarity, 4) for each in near],
        }
