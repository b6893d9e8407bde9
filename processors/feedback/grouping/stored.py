"""What is stored of reports, groups and commands: one small entry each, written when it changes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson

from processors.feedback.grouping.features import KEY_BYTES, Features
from processors.feedback.grouping.report import Kind, Report
from processors.feedback.grouping.tally import Tally
from processors.runtime.tables import TableSpec, table_of

LIVE_REPORTS = 50_000
LIVE_GROUPS = 2_000
ALIASES = 10_000
COMMANDS = 2_000
PROJECTS = 2_000
TELLING = 12
"""Words of a report that count in its group, the most telling: a long report says no more about its problem."""
MAX_VALUE = 200
"""Characters of a route, a release or an error that are kept."""
_KEPT = ("route", "journey", "release", "session", "channel", "error", "category", "language", "reporter")
_LENGTH_BYTES = 4


@dataclass(slots=True)
class StoredReport:
    """A live report.

    ``order`` rises with every report of the partition. ``group`` is the one it was put into, which may be part of
    another one by now. ``told`` says whether its words count in the group's: those of a copy do not. ``pinned`` holds
    the command by which a person put it there. ``headline`` is the sentence that says most.
    ``supposed`` says that it is about its ``subject`` only likely, because others spoke of that at the time.
    ``restricted`` says that only few may read it; None where it was stored before that was kept with it.
    """

    id: str
    at: int
    order: int
    group: str
    headline: str
    told: bool
    telling: tuple[int, ...]
    context: dict[str, str]
    features: Features
    subject: str = ""
    supposed: bool = False
    kind: Kind = "new"
    similarity: float = 0.0
    pinned: str = ""
    restricted: bool | None = False

    @property
    def report(self) -> Report:
        """The report without its words, as it is counted."""
        return Report(project="", id=self.id, at=self.at, text="", **self.context)

    def encode(self) -> bytes:
        """As it is stored: what JSON has words for, then the hashes of words, then the letters it begins with."""
        head = {name: getattr(self, name) for name in _HEAD}
        head["packed"] = len(self.features.packed)
        said = orjson.dumps(head)
        return b"".join(
            (len(said).to_bytes(_LENGTH_BYTES), said, self.features.key, self.features.packed, self.features.letters)
        )

    @classmethod
    def decode(cls, value: bytes) -> StoredReport:
        """Read it back."""
        length = int.from_bytes(value[:_LENGTH_BYTES])
        head: dict[str, Any] = orjson.loads(value[_LENGTH_BYTES : _LENGTH_BYTES + length])
        body = value[_LENGTH_BYTES + length :]
        packed = head.pop("packed")
        head.setdefault("restricted", None)
        features = Features(body[:KEY_BYTES], body[KEY_BYTES : KEY_BYTES + packed], body[KEY_BYTES + packed :])
        head["telling"] = tuple(head["telling"])
        return cls(features=features, **{name: head[name] for name in _HEAD if name in head})


_HEAD = tuple(each.name for each in fields(StoredReport) if each.name != "features")


def context_of(report: Report) -> dict[str, str]:
    """What is kept of where a report came from."""
    return {name: value[:MAX_VALUE] for name in _KEPT if (value := getattr(report, name))}


@dataclass(slots=True)
class StoredGroup:
    """A group with its counts; ``seen`` is the order of its latest report, ``apart`` are groups of other problems.

    ``told`` is how many of its reports had counted words when the title was last chosen.
    """

    id: str
    seen: int
    title: str = ""
    named: bool = False
    told: int = 0
    apart: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> StoredGroup:
        """Read it back."""
        said: dict[str, Any] = orjson.loads(value)
        return cls(**{**said, "tally": Tally(**said["tally"])})


@dataclass(frozen=True, slots=True)
class Alias:
    """A group that became part of another one, with what had been counted of it, to be able to take it out again."""

    order: int
    into: str
    group: StoredGroup

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> Alias:
        """Read it back."""
        said: dict[str, Any] = orjson.loads(value)
        group = said["group"]
        return cls(said["order"], said["into"], StoredGroup(**{**group, "tally": Tally(**group["tally"])}))


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did, so that it can be taken back; ``moved`` are reports with their group and pin before."""

    order: int
    kind: str
    group: str
    other: str = ""
    moved: tuple[tuple[str, str, str], ...] = ()
    title: str = ""
    named: bool = False
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Habit:
    """How often the reports of a project repeat what is known, learnt from themselves.

    ``orders`` is the number that the partition would have given out next.
    """

    share: float
    orders: int = 0


def _decode_done(value: bytes) -> Done:
    said: dict[str, Any] = orjson.loads(value)
    said["moved"] = tuple((report, group, pin) for report, group, pin in said["moved"])
    return Done(**said)


REPORTS: TableSpec[StoredReport] = TableSpec(
    "feedback_reports", encode=StoredReport.encode, decode=StoredReport.decode, capacity=LIVE_REPORTS + 1
)
GROUPS: TableSpec[StoredGroup] = TableSpec(
    "feedback_groups", encode=StoredGroup.encode, decode=StoredGroup.decode, capacity=LIVE_GROUPS + 1
)
ALIAS: TableSpec[Alias] = TableSpec("feedback_aliases", encode=Alias.encode, decode=Alias.decode, capacity=ALIASES + 1)
DONE: TableSpec[Done] = TableSpec(
    "feedback_commands", encode=lambda done: orjson.dumps(asdict(done)), decode=_decode_done, capacity=COMMANDS + 1
)
HABITS: TableSpec[Habit] = table_of(Habit, "feedback_habits", capacity=PROJECTS)
TABLES: tuple[TableSpec[Any], ...] = (REPORTS, GROUPS, ALIAS, DONE, HABITS)
