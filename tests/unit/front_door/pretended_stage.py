"""Something that answers commands as the incidents stage does, as far as the command line can tell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from contracts.audit import AuditEntry
from contracts.commands import Command
from contracts.event import Event
from contracts.incidents import Incident
from contracts.topics import AUDIT, COMMANDS, INCIDENTS
from hypercare.engines.mock_broker import MockBroker
from processors.incidents.chain import linked

STATES = {
    "acknowledge": "triaged",
    "start": "in_progress",
    "resolve": "resolved",
    "close": "closed",
    "reject": "rejected",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


class Told:
    """What the topics hold, and a way to put more there: every record of a project on one partition."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 0, "log_level": 0}
        )

    def tell(self, topic: str, events: Iterable[Event]) -> None:
        for event in events:
            key = event.incident.encode() if isinstance(event, Incident) else event.key
            self._producer.produce(topic, event.encode(), key=key, partition=0)
        assert self._producer.flush(20) == 0


class PretendedStage:
    """Obeys what it is told; ``commands`` are those that came."""

    def __init__(self, bootstrap: str, incidents: Iterable[Incident]) -> None:
        self.told, self.commands = Told(bootstrap), list[Command]()
        self._known = {incident.incident: incident for incident in incidents}
        self._chains: dict[str, tuple[int, str]] = {}
        self._over = threading.Event()
        self.bootstrap = bootstrap
        self.told.tell(INCIDENTS.name, self._known.values())

    def run(self) -> None:
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "pretended", "log_level": 0})
        try:
            partitions = consumer.list_topics(COMMANDS.name, timeout=10).topics[COMMANDS.name].partitions
            consumer.assign([TopicPartition(COMMANDS.name, number, 0) for number in partitions])
            while not self._over.is_set():
                message = consumer.poll(0.1)
                if message is not None and message.error() is None:
                    self._obey(Command.model_validate_json(message.value() or b""))
        finally:
            consumer.close()

    def end(self) -> None:
        self._over.set()

    def _obey(self, command: Command) -> None:
        self.commands.append(command)
        incident = self._known.get(command.incident or "")
        if incident is None:
            self._answer(command, None, accepted=command.action == "quiet", after={"quiet": str(command.until)})
            return
        if command.action != "comment" and command.state_version != incident.state_version:
            refusal = f"its state version is {incident.state_version}, you saw {command.state_version}"
            self._answer(command, incident, accepted=False, refusal=refusal)
            return
        changed: dict[str, Any] = {"state": STATES.get(command.action, incident.state)}
        changed |= {"owner": command.owner} if command.owner else {}
        changed |= {"workaround": command.workaround} if command.workaround else {}
        now = incident.model_copy(
            update={**changed, "revision": incident.revision + 1, "state_version": incident.state_version + 1}
        )
        before = {name: str(getattr(incident, name)) for name in changed if getattr(incident, name) is not None}
        self._known[now.incident] = now
        self._answer(command, now, accepted=True, before=before, after={n: str(v) for n, v in changed.items()})
        self.told.tell(INCIDENTS.name, [now])

    def _answer(self, command: Command, incident: Incident | None, **said: Any) -> None:
        name = incident.incident if incident else ""
        entry = AuditEntry(
            id=f"a-{command.id}",
            occurred_at=command.occurred_at,
            tenant=command.tenant,
            project=command.project,
            subject="incident" if incident else "project",
            subject_id=name or command.project,
            action=command.action,
            actor=command.actor,
            command=command.id,
            reason=command.reason,
            incident=name or None,
            **said,
        )
        sequence, previous = self._chains.get(name, (0, ""))
        entry = linked(entry, sequence, previous) if incident else entry
        if entry.link is not None:
            self._chains[name] = (sequence + 1, entry.link.hash)
        self.told.tell(AUDIT.name, [entry])


@contextmanager
def pretended_stage(incidents: Iterable[Incident]) -> Iterator[tuple[MockBroker, PretendedStage]]:
    """A broker with these incidents, and the stage that answers for them."""
    with MockBroker() as broker:
        broker.create(topic.name for topic in (INCIDENTS, COMMANDS, AUDIT))
        stage = PretendedStage(broker.bootstrap, incidents)
        thread = threading.Thread(target=stage.run)
        thread.start()
        try:
            yield broker, stage
        finally:
            stage.end()
            thread.join(20)
