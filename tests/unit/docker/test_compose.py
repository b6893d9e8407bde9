"""The compose file obeys the Compose Specification and our own rules; Docker itself is not needed."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from contracts.topics import CATALOGUE
from hypercare.engines import docker as engine
from hypercare.init_env import SECRETS
from hypercare.settings import Settings
from hypercare.stages import STAGES
from hypercare.supervisor import INTAKE
from tests.unit.docker.compose_file import COMPOSE, INTERPOLATION, ONE_SHOT, OURS, ROOT, SERVICES, TEXT, environment

SCHEMA = ROOT / "tests" / "unit" / "docker" / "compose-spec.schema.json"
SECRET_NAME = re.compile(r"PASSWORD|KEY|SECRET|TOKEN")
every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_file_is_valid_by_the_compose_specification() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(COMPOSE)] == []


def test_the_schema_would_notice_a_mistake() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    wrong = {"services": {"kafka": {**SERVICES["kafka"], "mem_limits": "1g"}}}
    assert list(Draft202012Validator(schema).iter_errors(wrong))


@every_service
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


@every_service
def test_images_are_pinned(name: str) -> None:
    assert re.search(r":\d+\.\d+\.\d+$", SERVICES[name]["image"])


@every_service
def test_every_service_is_limited_and_confined(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_containers_cannot_write_to_their_image(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert environment(name)["HYPERCARE_HOME"] in SERVICES[name]["volumes"][0]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_what_keeps_running_is_restarted_and_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_somebody_waits_for_each_one_shot(name: str) -> None:
    """`docker compose up --wait` takes the end of a one-shot for a failure unless another service waits for it."""
    conditions = [
        service["depends_on"][name]["condition"]
        for service in SERVICES.values()
        if name in service.get("depends_on", {})
    ]
    assert set(conditions) == {"service_completed_successfully"}


@every_service
def test_what_is_waited_for_can_be_reached(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        needed = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert how["condition"] == needed


def test_every_variable_is_optional_or_written_by_init() -> None:
    for found in INTERPOLATION.finditer(TEXT):
        optional = (found["rule"] or "").startswith(":-")
        assert optional or (found["name"] in SECRETS and found["rule"] == ":?run: hypercare init"), found[0]


def test_init_writes_nothing_that_is_not_used() -> None:
    assert set(SECRETS) <= {found["name"] for found in INTERPOLATION.finditer(TEXT)}


@every_service
def test_no_secret_is_written_down(name: str) -> None:
    for variable, value in environment(name).items():
        if SECRET_NAME.search(variable):
            assert (found := INTERPOLATION.fullmatch(value)), variable
            assert found["name"] in SECRETS


def test_there_is_one_service_for_each_stage() -> None:
    commands = {name: SERVICES[name]["command"] for name in OURS - ONE_SHOT - {INTAKE}}
    assert commands == {stage: ["stage", stage] for stage in STAGES}


def test_the_intake_runs_where_up_would_run_it_and_is_asked_there() -> None:
    assert SERVICES[INTAKE]["command"][:2] == ["intake", "serve"]
    port = Settings.model_fields["intake_port"].default
    assert SERVICES[INTAKE]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f'"127.0.0.1", {port},' in SERVICES[INTAKE]["healthcheck"]["test"][-1]


def test_one_service_builds_our_image() -> None:
    """Several builds of one name at once fail with "already exists" in recent Docker versions."""
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["setup"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_settings_exist(name: str) -> None:
    said = {variable.removeprefix("HYPERCARE_").lower() for variable in environment(name)}
    assert said <= set(Settings.model_fields)


@pytest.mark.parametrize("name", sorted(OURS - ONE_SHOT - {INTAKE}))
def test_the_health_check_asks_the_port_of_the_setting(name: str) -> None:
    assert f'"127.0.0.1", {environment(name)["HYPERCARE_HEALTH_PORT"]},' in SERVICES[name]["healthcheck"]["test"][-1]


def test_kafka_takes_the_largest_message_of_the_catalogue() -> None:
    largest = max(topic.max_message_bytes for topic in CATALOGUE)
    assert int(environment("kafka")["KAFKA_MESSAGE_MAX_BYTES"]) >= largest


def test_kafka_is_told_apart_inside_and_outside() -> None:
    advertised = environment("kafka")["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"INSIDE://{environment('telemetry')['HYPERCARE_KAFKA']}" in advertised
    assert f"OUTSIDE://{engine.ENDPOINTS.kafka}" in advertised


def test_the_engine_in_python_knows_this_file() -> None:
    assert set(engine.SERVICES) <= set(SERVICES)
    published = {f"127.0.0.1:{port.rpartition(':')[2]}" for name in engine.SERVICES for port in SERVICES[name]["ports"]}
    assert {engine.ENDPOINTS.kafka, engine.ENDPOINTS.elasticsearch.removeprefix("http://")} <= published


def test_kibana_and_elasticsearch_are_of_one_version() -> None:
    versions = {SERVICES[name]["image"].rpartition(":")[2] for name in ("elasticsearch", "kibana", "kibana-user")}
    assert len(versions) == 1
