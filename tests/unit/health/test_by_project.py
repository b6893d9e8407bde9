"""An index of a table knows what the table holds, after a restart and an eviction too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.health.by_project import by_name, by_route
from processors.runtime.tables import State, TableSpec

SPEC: TableSpec[int] = TableSpec("numbers", encode=lambda n: b"%d" % n, decode=int, capacity=4)
texts = st.text(max_size=8)


@given(st.lists(st.tuples(st.sampled_from(("t/p/e", "t/q/e/urn:a")), st.tuples(texts, texts), st.booleans())))
def test_it_holds_what_the_table_holds(steps: list[tuple[str, tuple[str, str], bool]]) -> None:
    state = State((SPEC,))
    index = by_route(state[SPEC])
    for number, (project, key, kept) in enumerate(steps):
        if kept:
            index.keep(project, key, number)
        else:
            index.drop(project, key)
    again = by_route(state[SPEC])
    for project in ("t/p/e", "t/q/e/urn:a"):
        assert dict(index.of(project)) == dict(again.of(project))
        assert index.count(project) == len(dict(again.of(project)))
    index.forget("t/p/e")
    assert not [row for row in state[SPEC] if row.startswith("t/p/e|")]


def test_what_was_evicted_is_left_out() -> None:
    index = by_name(State((SPEC,))[SPEC])
    for number in range(9):
        index.keep("p", f"{number}", number)
    assert len(dict(index.of("p"))) == SPEC.capacity
    assert index.count("p") == SPEC.capacity
    assert index.get("p", "8") == 8
