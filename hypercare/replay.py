"""Send dead letters back to where they came from, each at most once unless asked again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.dead_letters import GAP, Headers
from contracts.dead_letters import PREFIX as SAID
from contracts.topics import SOURCES
from hypercare import replay_receipts
from hypercare.byte_writer import ByteWriter
from hypercare.dead_letters import Letter
from hypercare.skip import SKIPPED
from hypercare.topic_reader import Found, Partition, Place, TopicReader

SAID_BY_REPLAY = "replayed_from"
REPLAYED_FROM = SAID + SAID_BY_REPLAY
CHUNK = 500
"""Letters between two waits for the broker: after a crash so many may lack their receipt."""


@dataclass(frozen=True, slots=True)
class How:
    """How to replay: ``rate`` letters a second, at most ``limit``, ``again`` also those that were replayed before.

    ``named`` says that the person asked for these letters in particular, by place or by reason.
    """

    rate: float = 100.0
    limit: int = 1_000
    again: bool = False
    dry_run: bool = False
    named: bool = False


@dataclass(slots=True)
class Report:
    """What became of the letters: counts by target topic, by reason to leave one out, and by error."""

    dry_run: bool
    replayed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def shown(self) -> dict[str, object]:
        """Ready for JSON."""
        counts = {"replayed": self.replayed, "skipped": self.skipped, "failed": self.failed}
        return {"dry_run": self.dry_run, **{name: dict(count) for name, count in counts.items()}}


def why_not(letter: Letter, how: How, done: Mapping[Place, str]) -> str:
    """Why a letter is left out, the first reason that applies; empty when it is replayed."""
    said = letter.said
    from_a_line = bool(said.get("source")) or not said.get("offset", "-1").isdecimal()
    reasons = {
        "no dead letter of ours: it has no dlq.reason": "reason" not in said,
        "made from a line of a file, which no topic held: import the mended file again": from_a_line,
        "it stands for records that Kafka had deleted": said.get("reason") == GAP,
        "kept shortened: its original is in the source topic, as long as that keeps it": bool(said.get("shortened")),
        "its source topic is not one of ours": said.get("topic") not in {topic.name for topic in SOURCES},
        f"it stopped its stage: when that is mended, replay it by its place or by --reason {SKIPPED}": (
            said.get("reason") == SKIPPED and not how.named
        ),
        "replayed before: --again replays it once more": letter.place in done and not how.again,
        "it is a replay that was rejected again: mend the cause, then --again": (
            SAID_BY_REPLAY in said and not how.again
        ),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def headers_of(record: Found) -> Headers:
    """The original headers, and where the record comes from."""
    kept: Headers = [(name, value) for name, value in record.headers if not name.startswith(SAID)]
    return [*kept, (REPLAYED_FROM, str(record.place).encode())]


def replay(
    bootstrap: str,
    letters: Sequence[Letter],
    how: How,
    *,
    prefix: str = "",
) -> Report:
    """Replay the letters, those of a partition in order; one counts as replayed when the broker confirmed it."""
    report = Report(how.dry_run)
    with TopicReader(bootstrap) as reader:
        replay_receipts.check_topic(reader, prefix)
        done = replay_receipts.replayed(reader, (letter.place for letter in letters), prefix=prefix)
        chosen: dict[Place, str] = {}
        for letter in letters:
            if reason := why_not(letter, how, done):
                report.skipped[reason] += 1
            elif len(chosen) == how.limit:
                report.skipped[f"more than --limit {how.limit:,}: the same command again goes on"] += 1
            else:
                chosen[letter.place] = prefix + letter.said["topic"]
        if how.dry_run:
            report.replayed.update(chosen.values())
        elif chosen:
            sender = _Sender(ByteWriter(bootstrap), report, prefix)
            try:
                _send(reader, sender, chosen, how.rate)
            finally:
                sender.settle()  # also when a person interrupts: what was sent gets its receipt
            if sender.sent < len(chosen):
                report.skipped["gone meanwhile: older than the topic keeps"] += len(chosen) - sender.sent
    return report


class _Sender:
    """Sends letters and keeps receipts of those that the broker confirmed."""

    def __init__(self, writer: ByteWriter, report: Report, prefix: str) -> None:
        self._writer = writer
        self._report = report
        self._prefix = prefix
        self._confirmed: list[tuple[Place, str]] = []
        self.sent = 0

    def send(self, record: Found, target: str) -> None:
        def then(place: str, error: str) -> None:
            if place:
                self._confirmed.append((record.place, place))
                self._report.replayed[target] += 1
            else:
                self._report.failed[error] += 1

        self._writer.write(target, record.key, record.value, headers_of(record), then)
        self.sent += 1
        if self.sent % CHUNK == 0:
            self.settle()

    def settle(self) -> None:
        self._writer.flush()
        confirmed, self._confirmed = self._confirmed, []
        replay_receipts.write(self._writer, confirmed, datetime.now(UTC), prefix=self._prefix)


def _send(reader: TopicReader, sender: _Sender, chosen: Mapping[Place, str], rate: float) -> None:
    began = time.monotonic()
    for record in reader.read(*_ranges(chosen)):
        if record.place in chosen:
            if rate:
                time.sleep(max(0.0, began + sender.sent / rate - time.monotonic()))
            sender.send(record, chosen[record.place])


def _ranges(chosen: Mapping[Place, str]) -> tuple[dict[Partition, int], dict[Partition, int]]:
    starts: dict[Partition, int] = {}
    ends: dict[Partition, int] = {}
    for place in chosen:
        part = (place.topic, place.partition)
        starts[part] = min(starts.get(part, place.offset), place.offset)
        ends[part] = max(ends.get(part, 0), place.offset + 1)
    return starts, ends
