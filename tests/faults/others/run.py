"""`make faults-of-others`: what stream libraries do under some of our faults; writes docs/faults-of-others.md."""

from __future__ import annotations

import argparse
import importlib.metadata
import signal
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.environment import ROOT, find_peers
from contracts.topics import CATALOGUE
from hypercare.engines.engine import Endpoints
from hypercare.engines.kafka_cluster import KafkaCluster
from hypercare.engines.settings import EngineSettings
from hypercare.settings import Settings
from hypercare.topics import apply_topics
from tests.conftest import running_engines
from tests.faults.others.indexers import INDEXERS
from tests.faults.others.subjects import SUBJECTS
from tests.faults.others.trial import IndexTrial, Outcome, Trial, trial
from tests.faults.protocol_errors import PRODUCE, erring_broker

PAGE = ROOT / "docs" / "faults-of-others.md"
BEGIN, END = "<!-- outcomes -->\n", "<!-- /outcomes -->\n"
EVENTS = 500
RETRIABLE, NOT_ALLOWED = (6, 7, 19, 20, 5, 3), (29,)
"""Kafka's error codes, as in row 6 of our own table; 29 says that writing to the topic is not allowed."""
ROWS = ("10", "11", "6", "14")
TITLES = {
    "ours": "our stage",
    "faust": "faust-streaming",
    "faust_waiting": "faust-streaming, each delivery awaited",
    "faust_concurrent": "the same with `concurrency=4`",
}


def raising(subject: Trial) -> Outcome:
    """One event at which the rule raises, always."""
    subject.feed(EVENTS)
    subject.feed(**{"raise": True})
    subject.feed(EVENTS)
    subject.start()
    return subject.settle()


def slow(subject: Trial) -> Outcome:
    """One event takes 12 s; the process is killed 8 s into it."""
    subject.feed(EVENTS)
    subject.feed(slow=12)
    subject.feed(EVENTS)
    subject.start()
    subject.kill_while_slow(8)
    return subject.settle()


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as the page tells it."""

    row: str
    title: str
    run: Callable[[Trial], Outcome]


ON_A_BROKER = (
    Fault("10", "One event of 1,001 at which the rule raises, whenever it is tried", raising),
    Fault("11", "One event of 1,001 takes 12 s; the process is killed 8 s into it and started again", slow),
)
REFUSED = "One request to produce is answered with 29 (not authorized), after eighteen retriable errors"


def refused(subjects: list[str], folder: Path) -> Iterator[Outcome]:
    """Row 6, each subject on a mock broker of its own."""
    for name in subjects:
        with erring_broker() as broker, trial(Trial, name, Endpoints(broker.bootstrap, ""), folder) as subject:
            broker.create([subject.prefix + topic.name for topic in CATALOGUE])
            subject.feed(EVENTS)
            subject.start()
            if not (before := subject.settle()).began:
                yield before
                continue
            for errors in (RETRIABLE * 3, NOT_ALLOWED):
                subject.send(signal.SIGSTOP)  # else the errors would hit who feeds it
                subject.feed(EVENTS)
                broker.answer(PRODUCE, errors)
                subject.send(signal.SIGCONT)
                subject.settle()
            yield subject.settle()


CONFLICTS, APART = 10, 100
CONFLICT = f"{CONFLICTS} of {CONFLICTS * APART:,} documents do not fit the mapping of their index"


def conflicting(subjects: list[str], endpoints: Endpoints, folder: Path) -> Iterator[Outcome]:
    """Row 14, on Elasticsearch."""
    for name in subjects:
        with trial(IndexTrial, name, endpoints, folder) as subject:
            apply_topics(endpoints.kafka, prefix=subject.prefix, partitions=4)
            subject.prepare()
            for _ in range(CONFLICTS):
                subject.feed(APART - 1)
                subject.feed(planted="not a number")
            subject.start()
            yield subject.settle()


@contextmanager
def _broker(folder: Path) -> Iterator[str]:
    with KafkaCluster(EngineSettings(home=folder / "cluster", cache=Settings().cache), nodes=1) as cluster:
        yield cluster.bootstrap


def outcomes(fault: Fault, subjects: list[str], bootstrap: str, folder: Path) -> Iterator[Outcome]:
    """A fault against one subject after the other, on the same broker."""
    for name in subjects:
        with trial(Trial, name, Endpoints(bootstrap, ""), folder) as subject:
            apply_topics(bootstrap, prefix=subject.prefix, partitions=4)
            yield fault.run(subject)


def told(found: Iterator[Outcome], versions: dict[str, str]) -> Iterator[str]:
    """A table, line by line as it comes."""
    yield "| | events | lost | kept as dead letter | twice | ends by itself | |"
    yield "|---|---|---|---|---|---|---|"
    for one in found:
        name = TITLES.get(one.subject, one.subject)
        lost = "" if one.stuck or not one.began else f"{one.lost:,}"
        cells = (one.fed, lost, one.kept, one.twice, one.restarts, one.verdict())
        yield f"| {f'{name} {versions[one.subject]}'.strip()} | {' | '.join(map(str, cells))} |"


def versions_of() -> tuple[dict[str, str], list[str]]:
    """Versions by subject, and what could not be installed, with the reason."""
    found = dict.fromkeys(SUBJECTS, importlib.metadata.version("faust-streaming")) | {"ours": ""}
    missing = []
    for name, peer in find_peers().items():
        found[name] = peer.version
        if peer.why:
            del found[name]
            missing.append(f"{name} could not be installed: {peer.why}")
    return found, missing


def tables(rows: Collection[str], subjects: list[str], versions: dict[str, str]) -> Iterator[tuple[str, Iterator[str]]]:
    """Row by row, its title and the lines of its table."""
    with tempfile.TemporaryDirectory(prefix="hypercare-others-") as home:
        folder = Path(home)
        folder.chmod(0o755)
        wanted = [fault for fault in ON_A_BROKER if fault.row in rows]
        if wanted:
            with _broker(folder) as bootstrap:
                for fault in wanted:
                    yield (
                        f"Row {fault.row}. {fault.title}",
                        told(outcomes(fault, subjects, bootstrap, folder), versions),
                    )
        if "6" in rows:
            yield f"Row 6. {REFUSED}", told(refused(subjects, folder), versions)
        if "14" in rows:
            with running_engines() as engines:
                writing = [name for name in subjects if name in INDEXERS]
                yield f"Row 14. {CONFLICT}", told(conflicting(writing, engines.endpoints, folder), versions)


def put(page: str, title: str, lines: list[str]) -> str:
    """The page with a new table below ``title``, in place of an older one of that row or after the others."""
    head, _, rest = page.partition(BEGIN)
    body, _, tail = rest.partition(END)
    sections = {section.partition("\n")[0]: section.strip() for section in body.split("### ")[1:]}
    row = title.partition(".")[0]
    old = next((known for known in sections if known.partition(".")[0] == row), title)
    renewed = {title if known == old else known: section for known, section in {**sections, old: ""}.items()}
    renewed[title] = "\n".join([title, "", *lines])
    return head + BEGIN + "".join(f"\n### {section}\n" for section in renewed.values()) + END + tail


def main() -> None:
    """Run what was asked for; with all subjects, write the tables into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--subjects", default="", help="names, separated by commas; default all, and the page is written"
    )
    parser.add_argument("--rows", default=",".join(ROWS), help="numbers, separated by commas; default all")
    given = parser.parse_args()
    versions, missing = versions_of()
    subjects = given.subjects.split(",") if given.subjects else [name for name in SUBJECTS if name in versions]
    for title, found in tables(given.rows.split(","), subjects, versions):
        print(f"\n### {title}\n", flush=True)  # noqa: T201
        lines = []
        for line in found:
            print(line, flush=True)  # noqa: T201
            lines.append(line)
        if not given.subjects:
            PAGE.write_text(put(PAGE.read_text(), title, [*lines, *(f"\n{why}" for why in missing)]))


if __name__ == "__main__":
    main()
