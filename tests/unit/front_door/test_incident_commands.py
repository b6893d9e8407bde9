"""``hypercare incidents`` from the command line to the topics and back, on the broker mock."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from contracts.errors import Stop, Unavailable
from contracts.topics import AUDIT, COMMANDS
from hypercare.commanding import PATIENCE_S, command_of, give
from hypercare.commands.console import until
from hypercare.engines.mock_broker import MockBroker
from tests.unit.front_door.pretended_stage import PretendedStage, Run


@pytest.fixture
def run(hypercare: Run) -> Run:
    return partial(hypercare, "incidents")


def test_the_list_and_one_of_it(run: Run) -> None:
    listed = run("list")
    assert listed.code == 0
    assert listed.out.index("inc-7c41aa") < listed.out.index("inc-9d02bb") < listed.out.index("inc-55d1e2")
    assert "inc-7c9000" not in listed.out
    rows = json.loads(run("list", "--all", "--project", "shop", "--json").out)["incidents"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 0]
    assert "the button spins" in run("show", "inc-7c41").out
    assert json.loads(run("show", "inc-9d02bb", "--json").out)["incident"] == "inc-9d02bb"
    assert "a limit is exceeded" in run("list", "--why").out.replace("\n", " ")


def test_what_is_not_there_is_said(run: Run) -> None:
    assert "No incident like that" in run("list", "--project", "none").out
    unknown = run("list", "--state", "broken")
    assert (unknown.code, "choose from new, triaged" in unknown.err.replace("\n", " ")) == (2, True)
    assert run("show", "inc-none").code == 1
    assert run("show", "inc-7c").code == 2
    assert run("at", "yesterday").code == 2


def test_a_past_instant(run: Run) -> None:
    assert "No incident like that" in run("at", "2026-06-15T12:04:59Z").out
    past = json.loads(run("at", "2026-06-15T14:05:00+02:00", "--json").out)
    assert past["incidents"][0]["incident"] == "inc-7c41aa"
    assert past["incidents"][0]["age_s"] == 300
    assert json.loads(run("at", "2026-06-15T12:05:00Z", "--told", "--json").out)["incidents"] == []


def test_a_decision_names_the_version_seen_and_prints_what_changed(run: Run, stage: PretendedStage) -> None:
    done = run("ack", "inc-3e", "--actor", "ana", "--reason", "looking")
    assert done.code == 0, done.err
    assert "state: new → triaged" in done.out
    assert "hypercare incidents take-back inc-3e8f10 cmd-" in done.out.replace("\n", "")
    command = stage.commands[-1]
    assert (command.action, command.incident, command.state_version) == ("acknowledge", "inc-3e8f10", 0)
    assert (command.actor, command.reason, command.project) == ("ana", "looking", "shop")
    again = run("assign", "inc-3e", "team-invoices", "--json")
    assert json.loads(again.out)["after"]["owner"] == "team-invoices"
    assert stage.commands[-1].state_version == 1, "the one that the acknowledgement made"
    assert "team-invoices" in run("list").out


def test_of_two_people_who_saw_the_same_one_is_refused_and_told_how_it_stands(run: Run) -> None:
    version = str(json.loads(run("show", "inc-9d", "--json").out)["state_version"])
    assert run("resolve", "inc-9d", "--state-version", version).code == 0
    late = run("resolve", "inc-9d", "--state-version", version)
    assert late.code == 1
    said = late.err.replace("\n", " ")
    assert f"Not done: its state version is {int(version) + 1}, you saw {version}." in said
    assert f"It is resolved since 2026-06-15 12:02 UTC, state version {int(version) + 1}." in said
    assert "hypercare incidents show inc-9d02bb" in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("communicate", "inc-7c41", "--reason", "users were told"), {"action": "communicate"}),
        (("start", "inc-7c41"), {"action": "start"}),
        (("fix", "inc-7c41", "--release", "2.4.1"), {"action": "fix", "release": "2.4.1"}),
        (("workaround", "inc-7c41", "use a card"), {"workaround": "use a card"}),
        (("reject", "inc-7c41", "--reason", "a test"), {"action": "reject", "reason": "a test"}),
        (("noise", "inc-7c41", "--reason", "a test"), {"action": "noise"}),
        (("reopen", "inc-7c41"), {"action": "reopen"}),
        (("close", "inc-7c41"), {"action": "close"}),
        (("defer", "inc-7c41", "--reason", "next year"), {"action": "defer", "until": None}),
        (("merge", "inc-7c90", "inc-7c41"), {"incident": "inc-7c9000", "into": "inc-7c41aa"}),
        (("split", "inc-7c41", "g-1", "find-1"), {"evidence": ("g-1", "find-1")}),
        (("move", "inc-7c41", "g-1", "--into", "inc-55"), {"evidence": ("g-1",), "into": "inc-55d1e2"}),
        (("take-back", "inc-7c41", "cmd-7"), {"action": "take_back", "command": "cmd-7", "incident": "inc-7c41aa"}),
        (
            ("override", "inc-7c41", "--severity", "S3", "--priority", "P4", "--cvss", "2.5", "--not-exploited",
             "--reason", "few buy"),
            {"severity": "S3", "priority": "P4", "cvss": 2.5, "exploited": False},
        ),
        (("comment", "inc-7c41", "asked the provider"), {"reason": "asked the provider", "state_version": None}),
    ],
)  # fmt: skip
def test_each_command_says_what_it_is_for(
    run: Run, stage: PretendedStage, arguments: tuple[str, ...], expected: dict[str, object]
) -> None:
    done = run(*arguments)
    assert done.code == 0, done.err
    said = stage.commands[-1]
    assert {name: getattr(said, name) for name in expected} == expected
    assert said.about_incident
    assert (said.state_version is None) == (arguments[0] == "comment")


def test_how_long_is_counted_from_now(run: Run, stage: PretendedStage) -> None:
    assert run("mute", "inc-55", "--until", "2h", "--reason", "known").code == 0
    before = datetime.now(UTC)
    muted = stage.commands[-1].until
    assert muted is not None
    assert before + timedelta(hours=1, minutes=59) < muted <= before + timedelta(hours=2)
    quiet = run("quiet", "--until", "2099-01-01T00:00:00Z", "--reason", "release 2", "--service", "payments")
    assert quiet.code == 0, quiet.err
    assert (stage.commands[-1].service, stage.commands[-1].incident) == ("payments", None)


def test_mistakes_are_said_before_anything_is_sent(run: Run, stage: PretendedStage) -> None:
    sent = len(stage.commands)
    assert run("override", "inc-7c41", "--reason", "x").code == 2
    wrong = run("override", "inc-7c41", "--severity", "S9", "--reason", "x")
    assert (wrong.code, "severity: Input should be 'S1'" in wrong.err.replace("\n", " ")) == (2, True)
    assert run("mute", "inc-7c41", "--until", "2020-01-01T00:00:00Z", "--reason", "x").code == 2
    assert run("mute", "inc-7c41", "--until", "soon", "--reason", "x").code == 2
    assert run("noise", "inc-7c41").code == 2, "it needs a reason"
    assert run("ack", "inc-none").code == 1
    assert run("comment", "inc-7c41", "x" * 9_000).code == 2
    assert len(stage.commands) == sent


def test_a_time_to_come_is_read_and_the_past_refused() -> None:
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    assert until("30m", now) == now + timedelta(minutes=30)
    assert until("2026-06-15T14:30:00+02:00", now) == now + timedelta(minutes=30)
    assert until("", now) is None
    for past in ("0h", "2026-06-15T12:00:00Z"):
        with pytest.raises(Stop):
            until(past, now)


@pytest.mark.parametrize(("said", "stage"), [({"incident": "inc-1"}, "incidents"), ({}, "feedback")])
def test_a_stage_that_does_not_answer_is_named(said: dict[str, str], stage: str) -> None:
    ticks = itertools.count(0, PATIENCE_S / 2)
    command = command_of({"action": "take_back", "command": "cmd-1", **said})
    with MockBroker() as broker:
        broker.create([AUDIT.name, COMMANDS.name])
        with pytest.raises(Unavailable, match=f"the {stage} stage did not answer within 20 s"):
            give(broker.bootstrap, command, clock=lambda: next(ticks))
