"""What a data view computes from the fields of a document: scripts that are short enough to be read."""

from __future__ import annotations

from sinks.kibana.panels import RuntimeField


def copied(source: str) -> RuntimeField:
    """The values of another field."""
    return RuntimeField(
        "keyword",
        f"if (doc.containsKey('{source}')) {{ for (def v : doc['{source}']) {{ emit(v) }} }}",
    )


def named(source: str, kind: str) -> RuntimeField:
    """What follows ``kind:`` in the values of another field."""
    script = (
        f"if (doc.containsKey('{source}')) {{ for (def v : doc['{source}']) "
        f"{{ if (v.startsWith('{kind}:')) {{ emit(v.substring({len(kind) + 1})) }} }} }}"
    )
    return RuntimeField("keyword", script)


def minutes(since: str, until: str) -> RuntimeField:
    """Minutes from one time to another, where both are known."""
    return _between(since, until, 60_000.0)


def seconds(since: str, until: str) -> RuntimeField:
    """Seconds from one time to another, where both are known."""
    return _between(since, until, 1_000.0)


def _between(since: str, until: str, unit_ms: float) -> RuntimeField:
    known = " && ".join(f"doc.containsKey('{name}') && doc['{name}'].size() > 0" for name in (since, until))
    script = (
        f"if ({known}) {{ emit((doc['{until}'].value.toInstant().toEpochMilli() - "
        f"doc['{since}'].value.toInstant().toEpochMilli()) / {unit_ms}) }}"
    )
    return RuntimeField("double", script)


def divided(field: str, by: float) -> RuntimeField:
    """The same number in a larger unit."""
    return RuntimeField(
        "double", f"if (doc.containsKey('{field}')) {{ for (def v : doc['{field}']) {{ emit(v / {by}) }} }}"
    )


def is_not(field: str, value: str, *, each: str) -> RuntimeField:
    """0 where a field has this value, 1 where it has another, as often as ``each`` has one; nothing without."""
    script = (
        f"if (doc.containsKey('{field}') && doc['{field}'].size() > 0 && doc.containsKey('{each}')) "
        f"{{ for (def v : doc['{each}']) {{ emit(doc['{field}'].value == '{value}' ? 0 : 1) }} }}"
    )
    return RuntimeField("long", script)
