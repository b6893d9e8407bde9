"""What is sent to Kibana to make alert rules."""

from __future__ import annotations

import uuid
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

import orjson
import pytest

from contracts.errors import Stop
from sinks.kibana.client import Kibana, KibanaAccess
from sinks.kibana.rules import ALERTS, RULES, Rule, connector, connector_id
from sinks.kibana.views import ALERTS as ALERTS_VIEW
from tests.unit.kibana.stub import Stub, running

LATER_THAN_8_8 = {"sourceFields", "alertDelay", "flapping", "esqlQuery"}


def test_ids_are_uuids_and_differ_from_space_to_space() -> None:
    spaces = ("", "team", "other")
    ids = {connector_id(space) for space in spaces}
    ids |= {replace(rule, space=space).id for rule in RULES for space in spaces}
    assert len(ids) == 3 * (len(RULES) + 1), "an id is taken once in all spaces"
    assert all(str(uuid.UUID(one)) == one for one in ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_what_the_api_takes(rule: Rule) -> None:
    created, updated = rule.created(), rule.updated()
    assert set(created) - set(updated) == {"rule_type_id", "consumer", "enabled"}
    params = created["params"]
    assert orjson.loads(params["esQuery"]) == {"query": rule.query()}
    assert not set(params) & LATER_THAN_8_8
    assert (params["groupBy"] == "top") == ("termField" in params) == bool(rule.by)
    assert {action["id"] for action in created["actions"]} == {connector_id()}
    assert {action["id"] for action in replace(rule, space="team").created()["actions"]} == {connector_id("team")}
    assert connector()["config"]["index"] == ALERTS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_its_beginning_and_its_end_are_written_each_by_an_action_of_its_own(rule: Rule) -> None:
    told = {
        action["group"]: action["params"]["documents"][0]["event"]["action"] for action in rule.created()["actions"]
    }
    assert told == {"query matched": "open", "recovered": "close"}
    for action in rule.created()["actions"]:
        (document,) = action["params"]["documents"]
        assert document["hypercare"] == {"alert": "{{alert.id}}"}, "which route or incident it is about"
        assert action["frequency"]["notify_when"] == "onActionGroupChange"


def test_a_rule_about_a_state_does_not_end_because_nothing_was_told_for_a_while() -> None:
    states = [rule for rule in RULES if rule.index == "hypercare-incidents-*"]
    windows = {
        (rule.created()["params"]["timeWindowSize"], rule.created()["params"]["timeWindowUnit"]) for rule in states
    }
    assert len(states) == 2
    assert windows == {(90, "d")}


def test_what_they_write_is_found_by_the_data_view_of_alerts() -> None:
    assert fnmatch(ALERTS, ALERTS_VIEW.pattern)


class Server:
    """The two paths of Kibana that matter here: a second `POST` of an id is a conflict."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def __call__(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        assert kind == "application/json"
        if method == "POST" and path in self.kept:
            return 409, b'{"message":"exists"}'
        self.kept[path] = {**self.kept.get(path, {}), **orjson.loads(body)}
        return 200, b"{}"


class Asked(Kibana):
    """Kibana's client with the server in the same process."""

    def __init__(self, server: Server) -> None:
        super().__init__(KibanaAccess("http://127.0.0.1:1"))
        self._server = server

    def _once(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        return self._server(method, path, body, kind)


def test_made_once_and_changed_afterwards() -> None:
    server = Server()
    kibana, rule = Asked(server), RULES[0]
    path = f"/api/alerting/rule/{rule.id}"
    assert kibana.keep(path, rule.created(), rule.updated()) == "created"
    server.kept[path]["enabled"] = False
    assert kibana.keep(path, rule.created(), rule.updated()) == "changed"
    assert server.kept[path]["enabled"] is False, "who switched it off is not overruled"
    assert server.kept[path]["name"] == f"Hypercare: {rule.name}"


def test_a_refusal_is_told() -> None:
    with running(Stub()) as address:
        kibana = Kibana(KibanaAccess(address), sleep=lambda _: None)
        with pytest.raises(Stop, match="create"):
            kibana.keep("/api/alerting/rule/x", {}, {})
