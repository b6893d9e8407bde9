"""Everything a developer needs first about one incident, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.cloudevents import rfc3339
from contracts.incidents import OPEN, EvidenceItem, Incident, SampleCall
from hypercare.incidents.ranked import FLAGS, cause_of, clock, length, place_of
from hypercare.masked import masked_line
from processors.incidents.grouped import who

Lines = Iterator[tuple[str, str]]
"""Heading, once for what belongs together, and line."""
NEXT = {
    "new": "ack",
    "triaged": "start",
    "in_progress": "fix",
    "fix_deployed": "resolve",
    "verifying": "resolve",
    "resolved": "close",
    "deferred": "reopen",
    "suppressed": "reopen",
    "rejected": "reopen",
    "closed": "reopen",
}
"""The command that usually comes next in a state."""


def shown(incident: Incident, comments: Iterable[str] = ()) -> Lines:
    """The incident: where it stands and why, what is wrong, since when, what shows it, what is done about it."""
    yield "Incident", f"{incident.incident}  {masked_line(incident.title)}"
    yield from _standing(incident)
    yield from _what(incident)
    yield from _when(incident)
    yield from _evidence(incident.evidence)
    yield from _titled("Calls", (_call(sample) for sample in incident.samples))
    yield from _messages(incident)
    yield from _others(incident)
    yield from _titled("Comments", comments)
    yield from _work(incident)


def _standing(incident: Incident) -> Lines:
    rank = f", number {incident.rank} of its project" if incident.rank else ""
    yield "Stands", f"{incident.priority} {incident.severity}, {incident.score.value:.0f} of 100{rank}"
    yield "", masked_line(incident.sentence)
    if override := incident.override:
        until = f" until {clock(override.until)}" if override.until else ""
        computed = f"computed: {incident.score.priority} {incident.score.severity}"
        yield "", f"set by {masked_line(override.actor)}{until}: {masked_line(override.reason)} ({computed})"
    until = f" until {clock(incident.until)}" if incident.until else ""
    flags = "".join(f", {flag}" for flag in FLAGS if getattr(incident, flag))
    yield "State", f"{incident.state}{until}{flags}, since {clock(incident.state_since)}"
    yield "", f"state version {incident.state_version}, revision {incident.revision}, project {place_of(incident)}"
    if incident.closed_reason:
        yield "", f"because: {masked_line(incident.closed_reason)}"
    yield "Owner", masked_line(incident.owner or "nobody")


def _what(incident: Incident) -> Lines:
    yield "Cause", masked_line(_cause(incident))
    yield "", f"blamed: {incident.blame}"
    if incident.calls:
        yield (
            "Counts",
            f"{incident.observed:,} of {incident.calls:,} calls went wrong, {incident.expected:,.1f} were usual",
        )
    users = f"{incident.users:,} users" if incident.users else "users not known (the calls name none)"
    people = f"{users}, {incident.reports:,} reports"
    people += f" by {who(incident.reporters, incident.anonymous)}" if incident.reports else ""
    yield "" if incident.calls else "Counts", people
    if incident.victims:
        yield "", f"wait for it: {masked_line(', '.join(incident.victims))}"
    if incident.workaround:
        yield "Workaround", masked_line(incident.workaround)


def _cause(incident: Incident) -> str:
    """The calls concerned, or what is known instead."""
    if incident.cause:
        return cause_of(incident.cause)
    if any(item.kind == "finding" for item in incident.evidence):
        return "the whole project"
    return f"no finding yet; {incident.linked}" if incident.linked else "telemetry shows none"


def _when(incident: Incident) -> Lines:
    noticed = length((incident.noticed - incident.onset).total_seconds())
    yield "Since", f"{clock(incident.onset)}, noticed {noticed} later, last seen {clock(incident.last_evidence_at)}"
    if found := incident.attribution:
        release = f" {found.release}" if found.release else ""
        at = f" at {clock(found.at)}" if found.at else ""
        said = {
            "caused": f"caused by{release}{at}",
            "older": f"older than{release}{at}",
            "unrelated": "no release came near",
        }
        yield "Release", f"{said[found.verdict]}: {masked_line(found.reason)}"


def _evidence(evidence: Iterable[EvidenceItem]) -> Lines:
    for number, item in enumerate(evidence):
        going = "" if item.active else ", over"
        symptom = ", symptom" if item.role == "symptom" else ""
        sure = f", {item.confidence:.0%} sure" if item.confidence else ""
        counted = f", {item.count:,}" if item.count else ""
        people = f" by {item.people:,} people" if item.people else ""
        what = f"{item.kind} {masked_line(item.id)}{symptom}{going}{sure}{counted}{people}: {masked_line(item.what)}"
        yield "" if number else "Evidence", what
        by = "" if item.by == "system" else f", said {masked_line(item.by)}"
        yield "", f"  here because {masked_line(item.reason)}{by}"


def _call(sample: SampleCall) -> str:
    what = " ".join(str(part) for part in (sample.method, sample.route) if part)
    at = f" at {sample.upstream}" if sample.upstream else ""
    ended = " ".join(str(part) for part in (sample.status, sample.outcome, sample.code) if part is not None)
    took = "" if sample.total_ms is None else f", {sample.total_ms:,.0f} ms"
    client = ", ".join(part for part in (sample.browser, sample.os, sample.country, sample.release) if part)
    trace = f"  trace {sample.trace_id}" if sample.trace_id else ""
    request = f"  request {sample.request_id}" if sample.request_id else ""
    said = f"  {sample.message}" if sample.message else ""
    line = f"{rfc3339(sample.at)}  {what}{at}: {ended}{took}  {client}{trace}{request}{said}"
    return masked_line(line)


def _messages(incident: Incident) -> Lines:
    for number, message in enumerate(incident.messages):
        call = f", call {message.call} by {message.by or 'guess'}" if message.call else ""
        said = f"{message.feedback}, {message.channel}{call}: {message.text}"
        yield "" if number else "Messages", masked_line(" ".join(said.split()))


def _others(incident: Incident) -> Lines:
    if incident.merged_into:
        yield "Merged into", incident.merged_into
    if incident.related:
        yield "Related", ", ".join(incident.related)
    if past := incident.same_as_past:
        yield "Seen before", f"{past.incident}, {past.ended} {clock(past.ended_at)}: {masked_line(past.title)}"


def _work(incident: Incident) -> Lines:
    targets = (
        f"{target.what} by {clock(target.due_at)}: "
        + (f"met {clock(target.met_at)}" if target.met_at else {"waiting": "in time"}.get(target.state, target.state))
        for target in incident.targets
    )
    yield from _titled("Targets", targets)
    if incident.fix_release:
        yield "Fix", f"release {masked_line(incident.fix_release)}"
    if found := incident.verification:
        quiet = length(found.quiet_s)
        yield "Verifying", f"since {clock(found.since)}, has to stay away {quiet}: {masked_line(found.reason)}"
    if action := NEXT.get(incident.state):
        yield "Next", f"hypercare incidents {action} {incident.incident}" + ("" if incident.state in OPEN else " …")
    if incident.merged_into:
        yield "Next", f"hypercare incidents show {incident.merged_into}"


def _titled(title: str, lines: Iterable[str]) -> Lines:
    for number, line in enumerate(lines):
        yield "" if number else title, masked_line(line)
