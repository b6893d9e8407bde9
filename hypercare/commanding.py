"""Send a command and wait for its answer, which is an audit entry that carries the command's id."""

from __future__ import annotations

import time
from collections.abc import Callable

from pydantic import ValidationError

from contracts.audit import AuditEntry
from contracts.commands import Command
from contracts.errors import Unavailable
from contracts.topics import AUDIT
from hypercare.topic_reader import TopicReader
from producers.publisher import Publisher

SOURCE = "urn:hypercare:cli"
PATIENCE_S = 20.0
"""How long an answer is waited for; a stage commits five times a second."""


def give(
    bootstrap: str, command: Command, *, prefix: str = "", clock: Callable[[], float] = time.monotonic
) -> AuditEntry:
    """Publish a command and return its answer; raise `Unavailable` when none comes in time.

    The command may still be obeyed later: its id makes it safe to send again.
    """
    with TopicReader(bootstrap) as reader:
        ends = {part: reader.span(part)[1] for part in reader.partitions(prefix + AUDIT.name)}
        with Publisher(bootstrap, source=SOURCE, topic_prefix=prefix) as publisher:
            publisher.publish(command)
        until = clock() + PATIENCE_S
        for record in reader.follow(ends):
            if record is not None and command.id.encode() in (record.value or b""):
                try:
                    answer = AuditEntry.model_validate_json(record.value or b"")
                except ValidationError:
                    continue
                if answer.command == command.id:
                    return answer
            if clock() > until:
                break
    raise Unavailable(
        f"Kafka has the command {command.id}, but the feedback stage did not answer within {PATIENCE_S:.0f} s; "
        "see `hypercare status`"
    )
