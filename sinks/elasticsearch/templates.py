"""Index templates of every data stream, and the call that puts them in place."""

from __future__ import annotations

import hashlib

import orjson
from elasticsearch import ApiError, Elasticsearch, TransportError

from contracts.errors import Stop
from sinks.elasticsearch.alert_mappings import ALERTS
from sinks.elasticsearch.analysis import ANALYSIS
from sinks.elasticsearch.feedback_mappings import AUDIT, FEEDBACK, GROUPS, MATRIX
from sinks.elasticsearch.incident_mappings import INCIDENTS
from sinks.elasticsearch.mappings import BASE, CALLS, DEADLETTERS, FINDINGS, HEALTH, Mapping
from sinks.elasticsearch.signal_mappings import SIGNALS

PRIORITY = 501
"""Above Elastic's own ``logs-*-*`` templates, which have 100 to 500."""
RETENTION = {
    "calls": "30d",
    "findings": "180d",
    "health": "90d",
    "signals": "90d",
    "alerts": "90d",
    "matrix": "90d",
    "audit": "3650d",
    "deadletters": "30d",
}
KINDS = {
    "calls": CALLS,
    "feedback": FEEDBACK,
    "groups": GROUPS,
    "incidents": INCIDENTS,
    "findings": FINDINGS,
    "health": HEALTH,
    "signals": SIGNALS,
    "alerts": ALERTS,
    "matrix": MATRIX,
    "audit": AUDIT,
    "deadletters": DEADLETTERS,
}
LIVING = {"feedback", "groups", "incidents"}
"""Kinds whose documents change: plain indices ``hypercare-…``, since a data stream takes each document once."""
ANALYSERS = {"index": {"analysis": ANALYSIS}}
"""Beside every mapping: a server reads each component template by itself."""
NOT_STORED = {"calls": ["hypercare.others"]}
"""Counted where it is copied to, see `sampling`: a reader of a document would see its numbers again and again.

Only where calls are sampled, since Elasticsearch keeps what is taken out beside the rest for some hours."""
VERSIONED = "hypercare"
"""Under this name an index keeps the version of its fields."""
METRICS = {"health", "matrix"}
"""Kinds that are numbers over time: their data streams are called ``metrics-…``, those of the others ``logs-…``."""
SETTINGS = {
    "index": {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "codec": "best_compression",
        "refresh_interval": "1s",  # written out, it also keeps idle indices searchable at once
        "mapping": {"total_fields": {"limit": 500}},  # dynamic is off: only we, or the user's own template, add any
    }
}


def component_templates(*, sampled: bool = False) -> dict[str, Mapping]:
    """Every component template by name, for calls that are ``sampled`` or all there."""
    templates: dict[str, Mapping] = {
        "hypercare-settings": {"template": {"settings": SETTINGS}},
        "hypercare-base": {"template": {"settings": ANALYSERS, "mappings": {"dynamic": False, "properties": BASE}}},
    }
    for kind, fields in KINDS.items():
        mappings: Mapping = {"_meta": {VERSIONED: version_of(kind)}, "properties": fields}
        if sampled and kind in NOT_STORED:
            mappings["_source"] = {"excludes": NOT_STORED[kind]}
        templates[f"hypercare-{kind}"] = {"template": {"settings": ANALYSERS, "mappings": mappings}}
    return templates


def version_of(kind: str) -> str:
    """Names the fields and analysers of a kind: an index says with which it was made."""
    said = orjson.dumps([BASE, KINDS[kind], ANALYSIS], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()[:12]


def kind_of(name: str) -> str:
    """The kind of documents in an index or a data stream, by its name; empty for one that is not ours."""
    for kind in KINDS:
        if name.startswith((f"{_prefix(kind)}-", f"{_prefix(kind)}.restricted-")):
            return kind
    return ""


def index_templates() -> dict[str, Mapping]:
    """Every index template by name; the user's own ``hypercare@custom`` and ``hypercare-<kind>@custom`` come last."""
    return {_prefix(kind): _index_template(kind) for kind in KINDS}


def _index_template(kind: str) -> Mapping:
    custom = ["hypercare@custom", f"hypercare-{kind}@custom"]
    template: Mapping = {
        "index_patterns": [f"{_prefix(kind)}-*"],
        "priority": PRIORITY,
        "composed_of": ["hypercare-settings", "hypercare-base", f"hypercare-{kind}", *custom],
        "ignore_missing_component_templates": custom,
        "_meta": {"managed_by": "hypercare"},
    }
    if kind in LIVING:
        return template | {"index_patterns": [f"{_prefix(kind)}-*", f"{_prefix(kind)}.restricted-*"]}
    return template | {"data_stream": {}, "template": {"lifecycle": {"data_retention": RETENTION[kind]}}}


def _prefix(kind: str) -> str:
    if kind in LIVING:
        return f"hypercare-{kind}"
    return f"{'metrics' if kind in METRICS else 'logs'}-hypercare.{kind}"


def apply_templates(client: Elasticsearch, *, sampled: bool = False) -> list[str]:
    """Put every template in place, again and again if need be; return their names."""
    try:
        for name, body in component_templates(sampled=sampled).items():
            client.cluster.put_component_template(name=name, **body)
        for name, body in index_templates().items():
            client.indices.put_index_template(name=name, **{_argument(k): v for k, v in body.items()})
    except (ApiError, TransportError) as error:
        raise Stop(
            f"Elasticsearch did not take the templates: {error}",
            fix="check the address and the rights of its user (manage_index_templates)",
        ) from error
    return [*component_templates(), *index_templates()]


def _argument(name: str) -> str:
    return "meta" if name == "_meta" else name
