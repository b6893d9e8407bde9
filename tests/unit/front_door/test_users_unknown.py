"""Where calls name no user, their number is not known: it is not nought."""

from __future__ import annotations

from contracts.incidents import Incident
from contracts.scoring import Scoring
from hypercare.commands.incidents import incident_table
from hypercare.incidents.arithmetic import arithmetic
from hypercare.incidents.ranked import rows
from hypercare.incidents.shown import shown
from tests.unit.incidents.room import PAYMENTS, Room


def users_column(told: Incident, room: Room) -> list[object]:
    columns = {str(column.header): list(column.cells) for column in incident_table(rows([told], room.at)).columns}
    return list(columns["users"])


def test_nobody_named_is_not_nobody_affected() -> None:
    room = Room()
    room.fail("c-1", user=None)
    told = room.find("a", PAYMENTS)
    assert told.users == 0
    assert "how many users is not known: the calls name none" in told.sentence
    lines = "\n".join(line for _, line in shown(told))
    assert "users not known (the calls name none)" in lines
    assert "0 users" not in lines
    assert users_column(told, room) == ["-"]
    explained = "\n".join(line for _, line in arithmetic(told, Scoring()))
    assert "the calls name no user" in explained
    assert "the same" in explained


def test_whoever_is_named_is_counted() -> None:
    room = Room()
    room.fail("c-1", user="p_1")
    told = room.find("a", PAYMENTS)
    assert "1 users affected" in told.sentence
    assert users_column(told, room) == ["1"]
    assert not any("not known" in line for _, line in shown(told))
