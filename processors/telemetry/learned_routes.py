"""Learns which path segments are names of things rather than of routes, by how many different ones appear."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_CHILDREN = 40
"""A segment with more siblings than this is a name: no API has forty sibling words at one place of one path."""
MAX_NODES = 20_000
"""About 5 MB for all projects of a worker; beyond it, new paths are cut at the first unknown segment."""
NAME = "{name}"
REST = "{rest}"


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)


class LearnedRoutes:
    """A bounded prefix tree per project; what it says of a path may grow more general, never more special."""

    def __init__(self, *, max_children: int = MAX_CHILDREN, max_nodes: int = MAX_NODES) -> None:
        self._max_children = max_children
        self._max_nodes = max_nodes
        self._projects: dict[str, _Node] = {}
        self._nodes = 0

    def generalise(self, project: str, segments: tuple[str, ...]) -> str:
        """The route of templated ``segments``, such as ``/shop/{name}/reviews``."""
        node = self._projects.setdefault(project, _Node())
        route: list[str] = []
        for segment in segments:
            child, said = self._child(node, segment)
            route.append(said)
            if child is None:
                break
            node = child
        return "/" + "/".join(route)

    def _child(self, node: _Node, segment: str) -> tuple[_Node | None, str]:
        if NAME in node.children and not segment.startswith("{"):
            segment = NAME
        child = node.children.get(segment)
        if child is not None:
            return child, segment
        if self._nodes >= self._max_nodes:
            return None, REST
        if not segment.startswith("{") and len(node.children) >= self._max_children:
            return self._collapse(node), NAME
        child = node.children[segment] = _Node()
        self._nodes += 1
        return child, segment

    def _collapse(self, node: _Node) -> _Node:
        """Merge all word children of a node into one that stands for any name."""
        words = [key for key in node.children if not key.startswith("{")]
        merged = _Node()
        for word in words:
            gone = node.children.pop(word)
            self._nodes -= 1 + _size(gone)
        node.children[NAME] = merged
        self._nodes += 1
        return merged


def _size(node: _Node) -> int:
    return sum(1 + _size(child) for child in node.children.values())
