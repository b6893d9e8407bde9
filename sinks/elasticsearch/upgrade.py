"""Bring indices that were made with earlier templates to the present fields and analysers.

A data stream rolls over: its next index has them, the earlier ones stay as they are and go with their retention.

An index whose documents change is copied, because an analyser cannot come to an index that is open:

1. writes to it are blocked, so that nothing is lost; a sink that runs stops and says so;
2. its documents are copied beside it, each with its version: a later revision still replaces an earlier one;
3. when all are there it is deleted, and the copy takes its name.

Interrupted anywhere, the next run goes on: what was copied is taken over once the original is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contracts.errors import Stop
from sinks.elasticsearch.templates import LIVING, VERSIONED, kind_of, version_of

ALL = "logs-hypercare.*,metrics-hypercare.*,hypercare-*"
COPY = ".upgrading"
"""Behind the name of a copy; no project has a dot in its name."""
COPY_WITHIN_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Place:
    """A data stream or an index: what holds its documents, the one that is written to last, and whether that is new."""

    name: str
    kind: str
    indices: tuple[str, ...]
    current: bool

    @property
    def living(self) -> bool:
        """Whether its documents change."""
        return self.kind in LIVING


def places(client: Any, names: str = ALL) -> list[Place]:
    """Everything of ours whose name fits, by name; copies of an upgrade that was interrupted are not among it."""
    found = client.indices.resolve_index(name=names, expand_wildcards="open").body
    streams = {one["name"]: _listed(one["backing_indices"]) for one in found["data_streams"]}
    plain = {one["name"]: (one["name"],) for one in found["indices"] if "data_stream" not in one}
    named = {name: indices for name, indices in {**streams, **plain}.items() if kind_of(name)}
    written = sorted({indices[-1] for indices in named.values()})
    mappings: dict[str, Any] = {}
    for start in range(0, len(written), 50):  # names stand in the address, which is not endless
        mappings |= client.indices.get_mapping(index=",".join(written[start : start + 50])).body
    return [
        Place(name, kind_of(name), indices, _version(mappings[indices[-1]]) == version_of(kind_of(name)))
        for name, indices in sorted(named.items())
        if not name.endswith(COPY)
    ]


def upgrade(client: Any, names: str = ALL) -> Iterable[tuple[str, str]]:
    """Do it where the name fits; yields each name with what was done. Put the templates in place first."""
    left = client.indices.resolve_index(name=f"hypercare-*{COPY}").body["indices"]
    for copy in (one["name"] for one in left):
        yield _go_on(client, copy)
    for place in places(client, names):
        if place.current:
            continue
        if not place.living:
            client.indices.rollover(alias=place.name)
            yield place.name, "rolled over"
        else:
            yield place.name, f"copied, {_copy(client.options(request_timeout=COPY_WITHIN_S), place.name):,} documents"


def _go_on(client: Any, copy: str) -> tuple[str, str]:
    name = copy.removesuffix(COPY)
    if not client.indices.exists(index=name):
        return name, f"taken over from its copy, {_take_name(client, copy, name):,} documents"
    if not next(place.current for place in places(client) if place.name == name):
        client.indices.delete(index=copy)
        return name, "an unfinished copy was deleted"
    client.reindex(source={"index": copy}, dest=_versioned(name), conflicts="proceed", refresh=True)
    client.indices.delete(index=copy)
    return name, "what was missing was taken over from its copy"


def _copy(client: Any, name: str) -> int:
    copy = name + COPY
    client.indices.add_block(index=name, block="write")
    client.indices.create(index=copy)
    client.indices.refresh(index=name)
    wanted: int = client.count(index=name)["count"]
    answer = client.reindex(source={"index": name}, dest=_versioned(copy), refresh=True).body
    there: int = client.count(index=copy)["count"]
    if answer["failures"] or there != wanted:
        raise Stop(
            f"Only {there:,} of {wanted:,} documents of {name} could be copied: {str(answer['failures'])[:300]}",
            fix=f"nothing is lost; delete {copy} and let {name} be written to again "
            '(PUT <index>/_settings {"index.blocks.write": null})',
        )
    client.indices.delete(index=name)
    return _take_name(client, copy, name)


def _take_name(client: Any, copy: str, name: str) -> int:
    client.indices.add_block(index=copy, block="write")
    client.indices.clone(
        index=copy, target=name, settings={"index.blocks.write": None}, wait_for_active_shards=1, timeout="60s"
    )
    client.cluster.health(index=name, wait_for_status="yellow", timeout="60s")
    client.indices.delete(index=copy)
    return int(client.count(index=name)["count"])


def _versioned(index: str) -> dict[str, str]:
    return {"index": index, "version_type": "external"}


def _version(mapping: Any) -> str:
    return str(mapping["mappings"].get("_meta", {}).get(VERSIONED, ""))


def _listed(names: str | list[str]) -> tuple[str, ...]:
    return tuple(sorted([names] if isinstance(names, str) else names))
