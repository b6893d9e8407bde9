"""``hypercare simulate``: calls of an invented system, with faults whose truth is known, and what people say of it."""

from __future__ import annotations

import gzip
import heapq
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.calls import GatewayCall
from contracts.errors import Stop
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.signals import Signal
from hypercare.commands.console import endpoints_of, out
from hypercare.engines.console_progress import console_progress
from hypercare.service import Service
from hypercare.settings import read_settings
from producers.publisher import Publisher
from producers.simulate.kinds import SCENARIOS
from producers.simulate.people.crowd import people as crowd
from producers.simulate.people.said import Said
from producers.simulate.scenario import Scenario, scenario
from producers.simulate.traffic.callers import usual_users

MOST_CALLS = 50_000_000
MOST_PEOPLE = 100_000
EVERY = 5_000
"""Calls between two moves of the bar."""
Send = Callable[[bytes], None]

Name = Annotated[str, typer.Argument(metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}")]
Seed = Annotated[int, typer.Option("--seed", help="the same seed makes the same calls")]
Minutes = Annotated[float, typer.Option("--minutes", min=0.2, max=10_080, help="length of the run, in its own time")]
Rate = Annotated[float, typer.Option("--rate", min=0.1, max=20_000, help="calls a second on average of a working day")]
Onset = Annotated[float, typer.Option("--onset", min=0, help="minute at which the fault begins")]
FailureRate = Annotated[float, typer.Option("--failure-rate", min=0, max=1, help="share of its calls that fail")]
Share = Annotated[float, typer.Option("--share", min=0.0001, max=1, help="part of all calls that the fault concerns")]
Cause = Annotated[list[str] | None, typer.Option("--cause", metavar="NAME=VALUE", help="instead of one by the seed")]
To = Annotated[Path | None, typer.Option("--output", help="file for the calls (gzip by name); default: Kafka")]
Truth = Annotated[Path | None, typer.Option("--truth", help="file for what was planted")]
Users = Annotated[int | None, typer.Option("--users", min=0, max=10_000_000, help="users behind the calls; none if 0")]
People = Annotated[int, typer.Option("--people", min=0, max=MOST_PEOPLE, help="people who write about each problem")]
Noise = Annotated[float, typer.Option("--noise", min=0, max=100, help="pieces about anything else for each of these")]
SaidTo = Annotated[Path | None, typer.Option("--feedback-output", help="file for what they write; default: Kafka")]
SaidTruth = Annotated[Path | None, typer.Option("--feedback-truth", help="file for the truth about each piece")]
SignalsTo = Annotated[Path | None, typer.Option("--signals-output", help="file for signals; default: where calls go")]
Live = Annotated[bool, typer.Option("--live", help="as it would happen, from now on; otherwise fast, ending now")]
Project = Annotated[str, typer.Option("--project", help="project of the calls")]


def simulate(
    name: Name,
    *,
    seed: Seed = 1,
    minutes: Minutes = 60.0,
    rate: Rate = 100.0,
    onset: Onset = 30.0,
    failure_rate: FailureRate = 0.2,
    share: Share = 0.01,
    cause: Cause = None,
    output: To = None,
    truth: Truth = None,
    users: Users = None,
    people: People = 0,
    noise: Noise = 1.0,
    feedback_output: SaidTo = None,
    feedback_truth: SaidTruth = None,
    signals_output: SignalsTo = None,
    live: Live = False,
    project: Project = "simulated",
) -> None:
    """Make the calls of an invented system, and keep what was planted in a separate file.

    Several scenarios are joined by +, each with its own minutes where it has some: checkout+outage@20-35+bots.
    """
    if minutes * 60 * rate > MOST_CALLS:
        raise Stop(f"More than {MOST_CALLS:,} calls.", fix="ask for fewer --minutes or a lower --rate", exit_code=2)
    if people and output and not feedback_output:
        raise Stop("The calls go to a file, and what people say?", fix="say --feedback-output FILE", exit_code=2)
    if users is None:
        users = usual_users(rate) if people else 0
    now = datetime.now(UTC).replace(microsecond=0)
    made = scenario(
        name,
        seed=seed,
        start=now if live else now - timedelta(minutes=minutes),
        duration=timedelta(minutes=minutes),
        rate=rate,
        onset=timedelta(minutes=onset),
        failure_rate=failure_rate,
        share=share,
        cause=dict(_pair(text) for text in cause) if cause else None,
        users=users,
    )
    if truth is not None:
        truth.write_text(json.dumps(made.truth, indent=1) + "\n")
    with ExitStack() as opened:
        outlets = _Outlets(opened, made, project, live=live)
        run = _Run(made, outlets.to(output, GatewayCall), outlets.signals(signals_output, calls=output), live=live)
        if people:
            until = None if feedback_output else made.end_ms
            said = crowd(made, run.calls(), seed=seed, per_problem=people, noise=noise, until_ms=until)
            run.say(said, outlets.to(feedback_output, Feedback), outlets.to_file(feedback_truth))
        else:
            deque(run.calls(), maxlen=0)
    fed = f" and {run.said:,} pieces of feedback to {feedback_output or 'Kafka'}" if people else ""
    out.print(
        f"{run.called:,} calls to {output or 'Kafka'}{fed}{run.signalled_to(signals_output, calls=output)}; "
        f"planted: {json.dumps(made.truth['faults'])}"
    )


class _Run:
    """Sends everything in the order of time, and counts it."""

    def __init__(self, made: Scenario, send: Send, signal: Send, *, live: bool) -> None:
        self._made, self._send, self._signal, self._live = made, send, signal, live
        self.called = self.signalled = self.said = 0

    def calls(self) -> Iterator[tuple[int, bytes]]:
        """Send signals and calls, and hand each call on."""
        made, progress = self._made, console_progress(out)
        progress.begin(f"Simulating {made.name}", total=int(made.duration.total_seconds()), unit="seconds")
        try:
            signals = ((at_ms, True, raw) for at_ms, raw in made.signals())
            calls = ((at_ms, False, raw) for at_ms, raw in made.calls())
            for at_ms, is_signal, raw in heapq.merge(signals, calls, key=itemgetter(0)):
                self._wait(at_ms)
                if is_signal:
                    self._signal(raw)
                    self.signalled += 1
                    continue
                self._send(raw)
                self.called += 1
                if self.called % EVERY == 0:
                    progress.advance_to(int(at_ms / 1000 - made.start.timestamp()))
                yield at_ms, raw
        finally:
            progress.end(f"{self.called:,} calls")

    def say(self, pieces: Iterator[Said], send: Send, note: Send) -> None:
        """Send what people write, and note the truth about it."""
        for at_ms, raw, truth in pieces:
            self._wait(at_ms)
            send(raw)
            note(json.dumps(truth, ensure_ascii=False).encode())
            self.said += 1

    def signalled_to(self, path: Path | None, *, calls: Path | None) -> str:
        """What became of the signals, in words."""
        if not self.signalled:
            return ""
        if calls and not path:
            return f", {self.signalled:,} signals left out (--signals-output FILE keeps them)"
        return f", {self.signalled:,} signals to {path or 'Kafka'}"

    def _wait(self, at_ms: int) -> None:
        if self._live:
            time.sleep(max(0.0, at_ms / 1000 - time.time()))


class _Outlets:
    """Files, and one publisher for whatever has no file."""

    def __init__(self, opened: ExitStack, made: Scenario, project: str, *, live: bool) -> None:
        self._opened, self._made, self._project, self._live = opened, made, project, live
        self._publisher: Publisher | None = None

    def to(self, path: Path | None, kind: type[Event]) -> Send:
        """Where raw events of a kind go."""
        if path is not None:
            return self.to_file(path)
        publisher = self._to_kafka()

        def send(raw: bytes) -> None:
            fields: dict[str, Any] = {**kind.model_validate_json(raw).__dict__, "project": self._project}
            # signals of the past would only explain; those of the last days are taken as they come
            publisher.publish(kind.trusted(fields), backfill=not self._live and kind is not Signal)

        return send

    def signals(self, path: Path | None, *, calls: Path | None) -> Send:
        """Where signals go: nowhere if calls go to a file and signals to none."""
        return self.to_file(path) if path or calls else self.to(None, Signal)

    def to_file(self, path: Path | None) -> Send:
        """Lines to a file; nowhere without one."""
        if path is None:
            return lambda _: None
        opened = gzip.open(path, "wb", compresslevel=3) if path.suffix == ".gz" else path.open("wb")  # noqa: SIM115 - closed by the stack
        file = self._opened.enter_context(opened)
        return lambda raw: (file.write(raw + b"\n"), None)[1]

    def _to_kafka(self) -> Publisher:
        if self._publisher is None:
            made, service = self._made, Service(read_settings())
            source = f"urn:hypercare:simulate:{made.name}:{made.seed}:{made.start:%Y%m%dT%H%M%S}"
            prefix = service.settings.topic_prefix
            publisher = Publisher(endpoints_of(service).kafka, source=source, topic_prefix=prefix)
            self._publisher = self._opened.enter_context(publisher)
        return self._publisher


def _pair(text: str) -> tuple[str, str]:
    attribute, equals, value = text.partition("=")
    if not equals or not attribute or not value:
        raise Stop(f"{text!r} is no ATTRIBUTE=VALUE.", fix="for example --cause country=FR", exit_code=2)
    return attribute, value
