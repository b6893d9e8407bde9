"""Runs of scenarios that share their quiet half hour find what they would have found alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks.quality.runs import NEVER, ONSET_MS, QUIET, START, Quiet, named_alike, run
from hypercare.evaluate.pipeline import Pipeline
from producers.simulate.scenario import Scenario, scenario

pytestmark = pytest.mark.slow

RATE, SEED = 10.0, 3


def made(name: str, minutes: int) -> Scenario:
    length = QUIET + timedelta(minutes=minutes)
    return scenario(name, seed=SEED, start=START, duration=length, onset=QUIET, rate=RATE, failure_rate=0.9, share=0.1)


@pytest.fixture(scope="module")
def quiet() -> Quiet:
    return Quiet(made("null", 0))


@pytest.mark.parametrize(("name", "minutes"), [("checkout", 3), ("outage", 2)])
def test_a_fault_after_a_shared_quiet_is_found_as_if_it_had_been_run_alone(
    quiet: Quiet, name: str, minutes: int
) -> None:
    shared = [finding.encode() for finding in quiet.followed_by(made(name, minutes)).findings()]
    alone = [finding.encode() for finding in Pipeline().run(named_alike(made(name, minutes)).calls())]
    assert shared == alone != []


def test_one_fault_leaves_no_trace_in_the_next(quiet: Quiet) -> None:
    outage = [finding.encode() for finding in quiet.followed_by(made("outage", 2)).findings()]
    list(quiet.followed_by(made("checkout", 3)).findings())
    assert [finding.encode() for finding in quiet.followed_by(made("outage", 2)).findings()] == outage


def test_only_what_comes_after_the_quiet_is_counted_and_heard(quiet: Quiet) -> None:
    playing = quiet.followed_by(made("null", 1))
    list(playing.findings())
    assert playing.heard == sum(at_ms >= ONSET_MS for at_ms, _ in made("null", 1).calls()) > 0


def test_a_run_says_when_the_truth_stood_first(quiet: Quiet) -> None:
    found = run(made("checkout", 3), "errors", quiet)
    assert 0 < found.minutes <= 3
    assert found.findings >= 1


def test_a_run_without_a_fault_finds_none(quiet: Quiet) -> None:
    found = run(made("null", 1), "errors", quiet)
    assert (found.minutes, found.findings) == (NEVER, 0)
