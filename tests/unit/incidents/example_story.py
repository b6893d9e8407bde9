"""The story behind the example messages of incidents and their audit."""

from __future__ import annotations

from contracts.audit import AuditEntry
from contracts.incidents import Incident
from contracts.json_schema import example_file
from tests.unit.incidents.room import PAYMENTS, Room


def example_story() -> Room:
    """A payment that fails in one browser: found, reported, worked on; written anew by running this module."""
    room = Room()
    room.deploy("3.3.0")
    for number in range(3):
        room.fail(f"call-{number}", code="502", total_ms=812.0, release="3.3.0", country="DE")
    name = room.find(
        "f-payments", PAYMENTS, sentence="upstream payments + browser Mobile Safari: 60 of 100 calls failed (60.0 %)."
    ).incident
    for number in range(3):
        room.say(f"said-{number}", call=f"call-{number}", text="The pay button spins and then it says payment failed.")
    room.group("g-payments", 3, representatives=["said-0", "said-1"])
    room.wait(30)
    room.command("assign", name, owner="payments team", reason="their gateway")
    return room


def main() -> None:
    """Write the example messages."""
    room = example_story()
    example_file(Incident).write_bytes(b"".join(one.encode() + b"\n" for one in (room.told[0], room.told[-1])))
    audit = example_file(AuditEntry)
    kept = [line for line in audit.read_bytes().splitlines() if b'"link"' not in line]
    audit.write_bytes(b"".join(line + b"\n" for line in [*kept, *(entry.encode() for entry in room.audit)]))


if __name__ == "__main__":
    main()
