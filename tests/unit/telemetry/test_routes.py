from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.telemetry.learned_routes import LearnedRoutes
from processors.telemetry.route import MAX_SEGMENTS, split_path, template


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/orders/42", "/orders/{id}"),
        ("/orders/42/items/7", "/orders/{id}/items/{id}"),
        ("/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/u/{uuid}"),
        ("/reports/2026-06-15", "/reports/{date}"),
        ("/users/ana@example.com/orders", "/users/{email}/orders"),
        ("/blob/9ec79c33ec9942ab", "/blob/{hash}"),
        ("/invoice/INV-2041", "/invoice/{id}"),
        ("/v1/users", "/v1/users"),
        ("/v2/chat/completions", "/v2/chat/completions"),
        ("/files/aGVsbG8gd29ybGQgMTIzNDU2", "/files/{token}"),
        ("//a//b/", "/a/b"),
        ("/cart;jsessionid=AB12", "/cart"),
        ("/", "/"),
        ("/deadbeef", "/deadbeef"),
    ],
)
def test_templates(path: str, route: str) -> None:
    assert LearnedRoutes().generalise("p", template(split_path(path))) == route


def test_too_deep_a_path_is_cut() -> None:
    assert template(tuple("abcdefghijk")) == (*"abcdefgh", "{rest}")
    assert MAX_SEGMENTS == 8


def test_a_segment_with_many_siblings_is_a_name() -> None:
    routes = LearnedRoutes(max_children=3)
    said = [routes.generalise("p", ("blog", name, "comments")) for name in ("a", "b", "c", "d", "a", "e")]
    assert said == [
        "/blog/a/comments",
        "/blog/b/comments",
        "/blog/c/comments",
        "/blog/{name}/comments",
        "/blog/{name}/comments",
        "/blog/{name}/comments",
    ]


def test_projects_do_not_learn_from_each_other() -> None:
    routes = LearnedRoutes(max_children=1)
    routes.generalise("one", ("a",))
    routes.generalise("one", ("b",))
    assert routes.generalise("two", ("a",)) == "/a"


@given(st.lists(st.lists(st.text("abcdefgh", min_size=1, max_size=3), max_size=6), max_size=200))
def test_memory_and_routes_stay_bounded(paths: list[list[str]]) -> None:
    routes = LearnedRoutes(max_children=4, max_nodes=30)
    for path in paths:
        route = routes.generalise("p", tuple(path))
        assert route.startswith("/")
    assert routes._nodes <= 31
