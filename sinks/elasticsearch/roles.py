"""Who may do what in Elasticsearch: four roles, and for each partner an alias that shows little.

Document- and field-level security need a paid licence. So rights go by data stream and index, and what a partner may
see is what has nothing personal in it: calls, failures and latencies of routes, through an alias that shows one
project, or one route of it. Calls themselves, words, incidents and findings are out of a partner's reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sinks.elasticsearch.forgotten import INDEX as FORGOTTEN_INDEX
from sinks.elasticsearch.templates import LIVING

PREFIX = "hypercare_"
OPEN_TO_ALL = [*(f"hypercare-{kind}-*" for kind in sorted(LIVING)), *(
    f"logs-hypercare.{kind}-*" for kind in ("calls", "findings", "signals", "alerts", "audit")
), "metrics-hypercare.health-*", "metrics-hypercare.matrix-*"]  # fmt: skip
RESTRICTED = [f"hypercare-{kind}.restricted-*" for kind in sorted(LIVING)]
PARTNER = "hypercare-partner-"
"""Begins the name of every partner's alias."""
PARTNER_KINDS = ("health", "matrix")
"""Counts by route and time: the only kinds without people, words or anybody else's name."""
LOOK = ["read", "view_index_metadata"]
SEARCH_ONLY = [
    "indices:data/read/search",
    "indices:data/read/msearch",
    "indices:data/read/async_search/submit",
    "indices:data/read/field_caps",
    "view_index_metadata",
]
"""What obeys the filter of an alias; `read` would let documents be fetched by their id, which asks no query."""
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody outside who may see one project, or one route of it."""

    name: str
    project: str
    tenant: str = "default"
    route: str = ""

    @property
    def alias(self) -> str:
        """What the partner searches."""
        return PARTNER + self.name

    @property
    def role(self) -> str:
        """The partner's role."""
        return f"{PREFIX}partner_{self.name}"

    @property
    def streams(self) -> list[str]:
        """The data streams that the alias shows something of."""
        return [f"metrics-hypercare.{kind}-{self.tenant}.{self.project}" for kind in PARTNER_KINDS]

    def actions(self) -> list[Body]:
        """What makes the alias; a filter even without a route, so that nothing else of a stream could be meant."""
        limits: list[Body] = [
            {"term": {"hypercare.tenant": self.tenant}},
            {"term": {"hypercare.project": self.project}},
            *([{"term": {"http.route": self.route}}] if self.route else []),
        ]
        query = {"bool": {"filter": limits}}
        return [{"add": {"index": stream, "alias": self.alias, "filter": query}} for stream in self.streams]

    def body(self) -> Body:
        """The role: to search through the alias, nothing else."""
        return {"indices": [{"names": [self.alias], "privileges": SEARCH_ONLY}]}


def roles(space: str = "default") -> dict[str, Body]:
    """Every role by name; ``space`` is the one of Kibana that readers and analysts work in."""
    return {
        f"{PREFIX}reader": {
            "indices": [{"names": OPEN_TO_ALL, "privileges": LOOK}],
            "applications": [_kibana(space, "read")],
        },
        f"{PREFIX}analyst": {
            "cluster": ["monitor"],
            "indices": [
                {"names": [*OPEN_TO_ALL, *RESTRICTED, "logs-hypercare.deadletters-*"], "privileges": LOOK},
            ],
            "applications": [_kibana(space, "all")],
        },
        f"{PREFIX}writer": {
            "indices": [
                {
                    "names": ["logs-hypercare.*", "metrics-hypercare.*"],
                    "privileges": ["create_doc", "auto_configure"],
                },
                {
                    "names": [*(f"hypercare-{kind}-*" for kind in sorted(LIVING)), *RESTRICTED],
                    "privileges": ["index", "auto_configure"],
                },
                {"names": [FORGOTTEN_INDEX], "privileges": LOOK},
            ],
        },
    }


def put_roles(client: Any, space: str = "default") -> list[str]:
    """Put them in place, again and again if need be."""
    for name, body in roles(space).items():
        client.security.put_role(name=name, **body)
    return list(roles(space))


def put_partner(client: Any, partner: Partner) -> list[str]:
    """Make alias and role, and return the data streams they show; without any there is nothing to make."""
    there = [stream for stream in partner.streams if client.indices.exists(index=stream)]
    if there:
        wanted = [action for action in partner.actions() if action["add"]["index"] in there]
        client.indices.update_aliases(actions=wanted)
        client.security.put_role(name=partner.role, **partner.body())
    return there


def make_key(client: Any, role: str, name: str, *, days: int) -> str:
    """An API key that may do what a role may, and no more; its secret is told this once."""
    known = client.security.get_role(name=role).body
    said = known[role]
    body = {part: said[part] for part in ("cluster", "indices", "applications") if said.get(part)}
    answer = client.security.create_api_key(
        name=name, role_descriptors={role: body}, expiration=f"{days}d", metadata={"managed_by": "hypercare"}
    )
    return str(answer["encoded"])


def _kibana(space: str, what: str) -> Body:
    features = ("discover", "dashboard", "visualize")
    return {
        "application": "kibana-.kibana",
        "privileges": [f"feature_{feature}.{what}" for feature in features],
        "resources": [f"space:{space}"],
    }
