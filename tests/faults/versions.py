"""Programs of all ages at once: each writes in its own way, and older ones read what today's stages write."""

from __future__ import annotations

from collections import Counter

import orjson
from jsonschema import Draft202012Validator

from contracts.calls import EnrichedCall
from contracts.released import released_schemas, releases
from contracts.topic import DEAD_LETTER_SUFFIX
from contracts.topics import CALLS, GATEWAY
from tests.faults.processes import RATE, settled
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import ALL, System
from tests.golden.writers import REFUSED, UNDERSTOOD


@row("21", "Older and newer programs side by side: every way to write an event, and older readers", short=True)
def side_by_side(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.plan.writers, system.plan.refused_writers, system.plan.poison_share = UNDERSTOOD, REFUSED, 0.05
        system.feed(2_000)
        system.start(*ALL)
        with system.fed(RATE if ground.full else RATE // 3, at_least=RATE):
            for stage in ALL if ground.full else ALL[:1]:  # as a new version is rolled out
                system.wait_owning(stage)
                system.end_cleanly(stage)
                system.start(stage)
        verdict = settled(system, repeats_at_most=0)
        _refused_with_reason(system)
        _read_by_older_readers(system)
        return verdict


def _refused_with_reason(system: System) -> None:
    letters = system.read(GATEWAY.name + DEAD_LETTER_SUFFIX)
    reasons = Counter(dict(letter.headers())["dlq.reason"] for letter in letters)
    assert reasons[b"unknown_version"], "a newer major version is kept for a newer reader"


def _read_by_older_readers(system: System) -> None:
    written = [orjson.loads(message.value()) for message in system.read(CALLS.name)]
    for version in releases():
        reader = Draft202012Validator(released_schemas(version)[EnrichedCall.ce_type])
        refused = [error.message for event in written for error in reader.iter_errors(event)]
        assert not refused, f"a reader of {version} refuses {len(refused)}, such as {refused[0][:200]}"
