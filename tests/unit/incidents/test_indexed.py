"""What is looked up by parts of a cause is what would be found among all incidents, calls and complaints."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.incidents import Incident
from processors.incidents.book import Book
from processors.incidents.dimensions import Key
from processors.incidents.record import Record
from processors.incidents.settle import Settling
from processors.runtime.stage import Skipped
from tests.unit.incidents.room import Room

UPSTREAMS, BROWSERS, COUNTRIES = ("payments", "orders"), ("Firefox", "Mobile Safari"), ("DE", "FR")
a_cause = st.fixed_dictionaries(
    {},
    optional={
        "upstream": st.sampled_from(UPSTREAMS),
        "browser": st.sampled_from(BROWSERS),
        "country": st.sampled_from(COUNTRIES),
    },
)
a_number = st.integers(0, 5)
what_happens = st.one_of(
    st.tuples(st.just("find"), a_number, a_cause, st.sampled_from(["opened", "updated", "closed"])),
    st.tuples(st.just("slow"), a_number, a_cause, st.sampled_from(["opened", "closed"])),
    st.tuples(st.just("fail"), a_number, a_cause),
    st.tuples(st.just("say"), a_number, st.sampled_from(UPSTREAMS), a_number),
    st.tuples(st.just("wait"), st.sampled_from([1, 60, 4_000])),
)


def play(happened: list[tuple[Any, ...]]) -> list[Incident]:
    room = Room()
    for what, *said in happened:
        try:
            _happen(room, what, *said)
        except (Skipped, AssertionError):  # a repeat; or evidence that went on as part of another incident
            continue
    room.wait(600)
    return room.told


def _happen(room: Room, what: str, *said: Any) -> None:
    if what == "wait":
        room.wait(*said)
    elif what == "find":
        number, cause, state = said
        room.find(f"f{number}", cause, state=state)
    elif what == "slow":
        number, cause, state = said
        room.find(f"l{number}", cause, state=state, kind="latency", evidence={"victims": ["orders"]})
    elif what == "fail":
        number, dims = said
        room.fail(f"c{number}", **{"upstream": None, "browser": None, **dims})
    else:
        number, upstream, call = said
        link = {
            "call": f"c{call}", "occurred_at": room.at.isoformat(), "by": "trace", "points": 5, "probability": 0.99,
            "lag_s": 60, "upstream": upstream, "outcome": "upstream_error",
        }  # fmt: skip
        room.say(f"m{number}", links=[link], context={"browser": BROWSERS[call % 2]})


def everything(book: Book, project: str, _: Key) -> list[Record]:
    return sorted(book.of(project), key=lambda record: (record.opened_at, record.incident))


@settings(max_examples=150)
@example([("slow", 0, {"upstream": "payments"}, "opened"), ("slow", 1, {"upstream": "orders"}, "opened")])
@example(
    [("fail", 0, {"upstream": "payments"}), ("say", 0, "payments", 0), ("find", 0, {"upstream": "payments"}, "opened")]
)
@given(st.lists(what_happens, min_size=2, max_size=25))
def test_the_same_is_told_as_if_everything_had_been_looked_at(happened: list[tuple[Any, ...]]) -> None:
    quick = play(happened)
    with patch.object(Book, "touching", everything), patch.object(Settling, "begin", Settling.look_back):
        assert play(happened) == quick
