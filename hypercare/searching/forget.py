"""``hypercare forget``: take a person out of everything that is stored, prove it, and keep them out."""

from __future__ import annotations

import getpass
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from contracts.audit import AuditEntry
from contracts.cloudevents import headers_for, rfc3339
from contracts.errors import Stop, Unavailable
from contracts.pseudonyms import pseudonym, pseudonym_of_person
from contracts.topics import AUDIT, SOURCES
from hypercare.byte_writer import ByteWriter
from hypercare.commanding import SOURCE, command_of, give
from hypercare.commands.console import Json, endpoints_of, err, out
from hypercare.engines.console_progress import console_progress
from hypercare.searching.forget_state import STAGES, forget_state
from hypercare.searching.forgotten_entries import Forgetting
from hypercare.searching.indices import elasticsearch
from hypercare.service import Service
from hypercare.settings import read_settings
from sinks.elasticsearch.forget_documents import Person, affected, find, incidents_of, rewrite
from sinks.elasticsearch.forgotten import mark, note

WRITERS = ("sink-calls", "sink-feedback", "sink-health", "sink-incidents")
DAY_MS = 86_400_000
PEOPLE_IN = {"gateway", "feedback", "calls", "feedback.scored", "feedback.groups", "symptoms", "findings", "incidents"}


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a person stood: how often before, and after."""

    place: str
    before: int
    after: int


def forget(
    reporter: Annotated[str, typer.Argument(help="id or address as the source gave it, or the pseudonym p_…")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count what would be changed")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    actor: Annotated[str, typer.Option(help="who decides; your user name without")] = "",
    as_json: Json = False,
) -> None:
    """Forget a person: their pseudonym and words go from documents and from what stages remember, and stay away.

    Messages stay as counted, with category and time, but without words. It cannot be undone. Kafka keeps what it has
    until its retention ends; the answer says where and for how long. Run it on the machine of the stages, or stop
    stages and sinks elsewhere first and start them again afterwards: sinks read the list of the forgotten at the start.
    """
    service = Service(read_settings())
    settings, endpoints = service.settings, endpoints_of(service)
    names = pseudonyms_of(reporter, settings.pseudonym_secret())
    with elasticsearch() as client:
        person = find(client, names)
        before = affected(client, person)
        concerned = incidents_of(client, person)
        if dry_run:
            _tell([Place(kind, count, count) for kind, count in sorted(before.items())], (), as_json=as_json)
            return
        if not yes:
            typer.confirm(question(len(person.messages), running=service.running()), abort=True, err=True)
        places = _with_stages_at_rest(
            service, lambda: forget_everywhere(client, endpoints.kafka, person, prefix=settings.topic_prefix)
        )
    entries = audit_entries(person, places, actor or getpass.getuser())
    _write(endpoints.kafka, entries, settings.topic_prefix)
    _tell_again(endpoints.kafka, concerned, settings.topic_prefix, running=service.running())
    _tell(places, kept_by_kafka(), as_json=as_json)
    if any(place.after for place in places):
        raise Stop("Something is still there.", fix="stop what writes it (`hypercare status`), then forget once more")


def question(messages: int, *, running: bool) -> str:
    """What is asked before; a person without messages may still be spoken of in what stages remember."""
    rest = " The stages stop meanwhile, for about a minute." if running else ""
    if messages:
        return f"Forget {messages:,} messages, for ever?{rest}"
    return f"No message of this person is stored. Keep them away from now on all the same?{rest}"


def pseudonyms_of(reporter: str, key: bytes) -> list[str]:
    """Every pseudonym that a name may have been given: as a person's, and as a name that calls carry."""
    said = reporter.strip()
    if not said:
        raise Stop("Nobody is named.", fix="give an id, an address, or a pseudonym that begins with p_", exit_code=2)
    return list(dict.fromkeys([pseudonym_of_person(said, key), pseudonym(said, key)]))


def forget_everywhere(client: Any, kafka: str, person: Person, *, prefix: str = "") -> list[Place]:
    """Put the person on the list first, so that nothing comes back meanwhile; then state, then documents."""
    before = affected(client, person)
    note(client, person.marks, rfc3339(datetime.now(UTC)))
    forgetting = Forgetting(person, {name: f"p_{secrets.token_hex(12)}" for name in person.names})
    states = [
        Place(f"state of {kept.stage}", kept.before, kept.after)
        for kept in forget_state(kafka, forgetting, prefix=prefix)
    ]
    rewrite(client, person)
    after = affected(client, person)
    documents = [Place(f"documents: {kind}", count, after.get(kind, 0)) for kind, count in sorted(before.items())]
    return [*documents, *states]


def audit_entries(person: Person, places: list[Place], actor: str) -> list[AuditEntry]:
    """What was done, for each project that had messages of the person: no name and no pseudonym, only a mark."""
    projects = sorted({message.partition("|")[0] for message in person.messages}) or ["default/default"]
    said = {place.place: f"{place.before} → {place.after}" for place in places}
    return [
        AuditEntry(
            id=f"forget-{uuid.uuid4().hex[:12]}",
            occurred_at=datetime.now(UTC),
            tenant=project.partition("/")[0],
            project=project.partition("/")[2],
            subject="project",
            subject_id=mark("person", person.names[0])[:16],
            action="forget",
            actor=actor,
            accepted=True,
            reason="a person asked to be forgotten",
            after=said,
        )
        for project in projects
    ]


def _write(kafka: str, entries: list[AuditEntry], prefix: str) -> None:
    refused: list[str] = []
    writer = ByteWriter(kafka)
    for entry in entries:
        headers = list(headers_for(entry, SOURCE))
        writer.write(prefix + AUDIT.name, entry.key, entry.encode(), headers, lambda _, why: refused.append(why))
    writer.flush()
    if any(refused):
        err.print(f"The person is forgotten, but the audit could not be written: {escape(next(filter(None, refused)))}")


def kept_by_kafka() -> list[tuple[str, str]]:
    """Topics that hold what people wrote, and for how long: single records cannot be deleted from them."""
    return [
        (topic.name, _how_long(topic.retention_ms, topic.kept_whole_ms))
        for topic in SOURCES
        if topic.name.removeprefix("hypercare.").removesuffix(".v1") in PEOPLE_IN
    ]


def _how_long(retention_ms: int, kept_whole_ms: int) -> str:
    if retention_ms > 0:
        return f"{retention_ms // DAY_MS} days"
    return f"every revision {kept_whole_ms // DAY_MS} days, then the last of each incident"


def _tell_again(kafka: str, concerned: list[dict[str, str]], prefix: str, *, running: bool) -> None:
    """Let each incident be told once more: subscribers and the compacted topic then have it without the words."""
    for incident in concerned if running else ():
        said = {**incident, "action": "comment", "reason": "words of a person who asked to be forgotten were removed"}
        try:
            give(kafka, command_of(said), prefix=prefix)
        except Unavailable as error:
            err.print(f"{escape(incident['incident'])} was not told again: {escape(str(error))}")
    if concerned and not running:
        err.print("No stages run here: incidents of theirs are told without their words when they change next.")


def _with_stages_at_rest(service: Service, work: Callable[[], list[Place]]) -> list[Place]:
    """Stop what writes, do it, start what was stopped; stages of other machines are their operator's."""
    progress = console_progress(err)
    running = [one.stage for one in service.stages() if one.state == "running" and one.stage in {*STAGES, *WRITERS}]
    if running:
        service.stop_stages(running, progress)
    try:
        return work()
    finally:
        if running:
            service.restart(running, progress)


def _tell(places: list[Place], kept: list[tuple[str, str]] | tuple[()], *, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps({"places": [asdict(one) for one in places], "kafka_keeps": dict(kept)}))
        return
    if not places:
        out.print("Nothing stored names this person; they are on the list, so nothing will.")
    else:
        table = Table("where", "before", "after", box=None)
        for one in places:
            table.add_row(escape(one.place), f"{one.before:,}", f"{one.after:,}")
        out.print(table)
    if kept:
        out.print("Kafka keeps what it has until its retention ends:")
        for name, how_long in kept:
            out.print(f"  {name}: {how_long}")
