"""Send a command and wait for its answer, which is an audit entry that carries the command's id."""

from __future__ import annotations

import getpass
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from contracts.audit import AuditEntry
from contracts.cloudevents import said_of
from contracts.commands import Command
from contracts.errors import Stop, Unavailable
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
    stage = "incidents" if command.about_incident else "feedback"
    raise Unavailable(
        f"Kafka has the command {command.id}, but the {stage} stage did not answer within {PATIENCE_S:.0f} s; "
        "it may still do so, see `hypercare status`"
    )


def command_of(said: Mapping[str, Any]) -> Command:
    """A command made now from what is said of it; raise `Stop` with every mistake."""
    made = {"id": f"cmd-{uuid.uuid4().hex[:12]}", "occurred_at": datetime.now(UTC), **said}
    try:
        return Command.model_validate({**made, "actor": made.get("actor") or getpass.getuser()})
    except ValidationError as error:
        problems = "; ".join(said_of(problem) for problem in error.errors(include_url=False, include_input=False))
        raise Stop(f"This is no command: {problems}.", fix="see --help for what it takes", exit_code=2) from None
