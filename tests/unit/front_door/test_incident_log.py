"""``hypercare incidents log``, and comments that can be read back."""

from __future__ import annotations

import json
from functools import partial

import pytest

from contracts.audit import AuditEntry
from hypercare.incidents.logged import changes, comments_of, logged
from tests.unit.front_door.pretended_stage import Run
from tests.unit.incidents.room import NINE, PAYMENTS, Room


@pytest.fixture
def run(hypercare: Run) -> Run:
    return partial(hypercare, "incidents")


def test_a_comment_is_noted_and_can_be_read_back(run: Run) -> None:
    for text in ("asked the provider", "they look [into] it", "they found it", "a fix comes at noon"):
        said = run("comment", "inc-9d02bb", text, "--actor", "ana")
        assert said.code == 0, said.err
        assert "Noted for inc-9d02bb: command cmd-" in said.out
        assert "nothing had to change" not in said.out
        assert "take-back" not in said.out, "a comment cannot be taken back"
    told = run("log", "inc-9d02").out
    assert told.index("asked the provider") < told.index("they look [into] it") < told.index("they found it")
    assert "ana: comment  cmd-" in told
    entries = json.loads(run("log", "inc-9d02bb", "--json").out)["entries"]
    assert [entry["action"] for entry in entries[:4]] == ["comment"] * 4
    assert entries[0]["reason"] == "asked the provider"
    shown = run("show", "inc-9d02bb").out
    assert "ana: a fix comes at noon" in shown
    assert "asked the provider" not in shown, "the latest three"
    assert [one["reason"] for one in json.loads(run("show", "inc-9d02bb", "--json").out)["comments"]][-1] == (
        "a fix comes at noon"
    )


def test_what_is_not_there_is_said(run: Run) -> None:
    assert run("log", "inc-none").code == 1
    assert "The audit has no entry of inc-55d1e2" in run("log", "inc-55d1e2").out


def test_each_entry_says_who_did_what_why_and_what_it_changed() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("mute", name, reason="known", until="2026-06-15T12:00:00Z")
    room.command("override", name, severity="S2", reason="few buy there")
    room.command("close", name, reason="too early")
    lines = [f"{heading}|{line}" for heading, line in logged([one for one in room.audit if one.incident == name])]
    said = "\n".join(lines)
    assert "   0  2026-06-15T09:00:01Z|system: opened" in said
    assert "ops: mute  c-2" in said
    assert "|known" in said
    assert "until: - → 2026-06-15T12:00:00Z" in said
    assert "override: - → S2" in said
    assert "ops: close, refused  c-4" in said
    assert "not done: wrong_state" in said


def test_entries_of_before_tell_their_times_as_well_and_hostile_ones_do_no_harm() -> None:
    def entry(**said: str) -> AuditEntry:
        return AuditEntry(
            id="a", occurred_at=NINE, project="shop", subject="incident", subject_id="i",
            action="mute", actor="ops\x1b[31m", accepted=True, incident="i", before={"until": "0.0"}, after=said,
        )  # fmt: skip

    assert changes(entry(until="1781524800.0")) == ["until: - → 2026-06-15T12:00:00Z"]
    assert changes(entry(until="1e300")) == ["until: - → 1e300"]
    assert changes(entry(until="nan")) == ["until: - → nan"]
    assert "\x1b" not in "".join(line for _, line in logged([entry(until="soon", owner="x" * 8_000)]))
    assert comments_of([entry()]) == []
