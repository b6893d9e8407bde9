"""How well reports of the same problem are brought together, and what that costs."""

from __future__ import annotations

import csv
import gzip
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import mean, median, quantiles

from benchmarks.quality.drawn_texts import sentences, texts_of, titles
from benchmarks.quality.measure import Measure
from benchmarks.quality.recalls import recalls
from benchmarks.quality.wordings import stream
from hypercare.evaluate.agreement import ami, nmi
from hypercare.evaluate.duplicates import ranking
from hypercare.evaluate.group import grouped
from hypercare.evaluate.report_files import PROJECT, Labelled
from processors.feedback.grouping.grouper import Grouper
from processors.feedback.grouping.report import Report
from processors.feedback.grouping.stored import TABLES
from processors.runtime.tables import State

WANTED = {1: (0.50, 0.58), 5: (0.74, 0.80), 10: (0.80, 0.87)}
HELD_OUT = "every second query in file order; weights were chosen on the others"
SEEDS = 8
LIVE, TIMED = 20_000, 2_000
"""Reports that are live when the cost is taken, and how many are timed."""
START = 1_780_000_000


def measures(data: Path) -> list[Measure]:
    """Duplicates found, groups found, and milliseconds a message."""
    texts = texts_of(data)
    return [*_duplicates(data), *_wordings(texts), *_drawn(texts), *_cost(texts)]


def _duplicates(data: Path) -> Iterator[Measure]:
    lines = list(ranking(data / "duplicates" / "hadoop_bugs.csv.gz"))
    with gzip.open(data / "duplicates" / "hadoop_duplicates.csv.gz", "rt", encoding="utf-8", newline="") as rows:
        queries = [row["Issue id"].strip() for row in csv.DictReader(rows)]
    half = set(queries[1::2])
    whole = recalls(data / "score_duplicates.py", lines)
    part = recalls(data / "score_duplicates.py", [line for line in lines if line["id"] in half])
    for k, (at_least, aim) in WANTED.items():
        yield Measure("duplicates", f"R@{k}", whole[k], at_least, aim, note=f"{len(queries)} queries")
    for k, (at_least, aim) in WANTED.items():
        share = round(part[k] * len(queries) / len(half), 4)
        yield Measure("duplicates, held out", f"R@{k}", share, at_least, aim, note=f"{len(half)} queries, {HELD_OUT}")


def _wordings(texts: Sequence[str]) -> Iterator[Measure]:
    """Two problems at once: among composed noise, and among sentences of real reports."""
    first_lines = [text.split("\n")[0][:200] for text in texts]
    none: list[str] = []
    for data, other in (("two problems in composed noise", none), ("two problems among real titles", first_lines)):
        found = sorted(_agreement(list(stream(seed, other=other)))[1] for seed in range(SEEDS))
        note = f"{SEEDS} seeds, {found[0]:.2f} to {found[-1]:.2f}; each message of the noise is a group of its own"
        yield Measure(data, "AMI of groups", round(median(found), 4), 0.80, 0.90, note=note)


def _drawn(texts: Sequence[str]) -> Iterator[Measure]:
    made: dict[str, Callable[[int], list[tuple[str, str]]]] = {
        "titles, mixed": lambda seed: titles(texts, seed, groups=100, sizes=(5, 150), words=8, bursts=False),
        "titles, in bursts": lambda seed: titles(texts, seed, groups=100, sizes=(5, 150), words=8, bursts=True),
        "titles, many small groups": lambda seed: titles(texts, seed, groups=300, sizes=(1, 20), words=9, bursts=True),
        "letters": lambda seed: titles(texts, seed, groups=60, sizes=(2, 60), words=40, bursts=True),
        "sentences of a report": lambda seed: sentences(texts, seed, groups=100),
    }
    for name, draw in made.items():
        found = [_agreement(draw(seed)) for seed in range(3)]
        note = "3 seeds, AMI " + ", ".join(f"{adjusted:.2f}" for _, adjusted in found)
        yield Measure(
            f"drawn from reports: {name}", "NMI of groups", round(mean(n for n, _ in found), 4), 0.0, 0.0, note=note
        )


def _agreement(said: Sequence[tuple[str, str]]) -> tuple[float, float]:
    labelled = [
        Labelled(Report(PROJECT, str(number), START + 20 * number, text), label)
        for number, (text, label) in enumerate(said)
    ]
    groups = [group for _, group in grouped(labelled)]
    labels = [label for _, label in said]
    return nmi(labels, groups), ami(labels, groups)


def _cost(texts: Sequence[str]) -> Iterator[Measure]:
    """Milliseconds a message where many are live: half short complaints, half titles and descriptions of bugs."""
    said = [text for text, _ in stream(1, problems=4, messages=LIVE // 2)]
    said += [texts[number % len(texts)][:1_500] + f" case {number}" for number in range(LIVE // 2 + TIMED)]
    mixed = [said[number * 7_919 % len(said)] for number in range(LIVE + TIMED)]
    grouper, took_ms = Grouper(State(TABLES)), []
    for number, text in enumerate(mixed):
        began = time.process_time()
        grouper.place(Report(PROJECT, str(number), START + number, text))
        took_ms.append(1_000 * (time.process_time() - began))
    timed = took_ms[LIVE:]
    p99 = quantiles(timed, n=100)[-1]
    note = f"{LIVE:,} live, {TIMED:,} timed, median {median(timed):.2f}, p99 {p99:.1f}, worst {max(timed):.1f}"
    yield Measure("grouping", "milliseconds a message", round(mean(timed), 2), 10, 3, "lower", note)
    yield Measure("grouping", "p99 of milliseconds a message", round(p99, 2), 50, 50, "lower", note)
