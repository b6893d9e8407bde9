"""The compose file sets Kafka and Elasticsearch to what local engines are set to, but for what is each way's own."""

from __future__ import annotations

import pytest

from hypercare.engines import server_settings as shared
from hypercare.engines.distributions import ELASTICSEARCH_9, KAFKA
from hypercare.engines.kafka_node import Node
from tests.unit.docker.compose_file import SERVICES, environment

# Where it listens and keeps its data: in a container that is another place than on this machine.
KAFKA_S_OWN = {
    "KAFKA_NODE_ID",
    "KAFKA_PROCESS_ROLES",
    "KAFKA_LISTENERS",
    "KAFKA_ADVERTISED_LISTENERS",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
    "KAFKA_INTER_BROKER_LISTENER_NAME",
    "KAFKA_CONTROLLER_LISTENER_NAMES",
    "KAFKA_CONTROLLER_QUORUM_VOTERS",
    "KAFKA_LOG_DIRS",
    "KAFKA_HEAP_OPTS",
}
ELASTICSEARCH_S_OWN = {"xpack.security.enabled", "xpack.security.http.ssl.enabled", "ES_JAVA_OPTS", "ELASTIC_PASSWORD"}


def variable(name: str) -> str:
    """As Kafka's image reads a setting from its environment."""
    return "KAFKA_" + name.upper().replace(".", "_")


def test_kafka_is_set_the_same() -> None:
    said = {name: value for name, value in environment("kafka").items() if name not in KAFKA_S_OWN}
    assert said == {variable(name): value for name, value in shared.kafka_settings().items()}


def test_what_is_kafka_s_own_is_just_where_it_is_and_who() -> None:
    local = Node("kafka", 1, 9092, {1: 9093}, "id", 256).properties("data")
    own = {variable(name) for name in local} - {variable(name) for name in shared.kafka_settings()}
    assert own == KAFKA_S_OWN - {"KAFKA_HEAP_OPTS"}


def test_elasticsearch_is_set_the_same() -> None:
    said = {name: value for name, value in environment("elasticsearch").items() if name not in ELASTICSEARCH_S_OWN}
    assert said == shared.ELASTICSEARCH | shared.ELASTICSEARCH_GEOIP


@pytest.mark.parametrize(
    ("service", "variable", "options", "heap_mb"),
    [
        ("kafka", "KAFKA_HEAP_OPTS", shared.kafka_heap_options(), shared.KAFKA_HEAP_MB),
        ("elasticsearch", "ES_JAVA_OPTS", shared.elasticsearch_heap_options(), shared.ELASTICSEARCH_HEAP_MB),
    ],
)
def test_heaps_are_the_same_and_half_of_the_container(
    service: str, variable: str, options: tuple[str, str], heap_mb: int
) -> None:
    assert environment(service)[variable] == " ".join(options)
    assert SERVICES[service]["mem_limit"] == f"{2 * heap_mb // 1024}g"


def test_versions_are_the_same() -> None:
    assert SERVICES["elasticsearch"]["image"] == SERVICES["kibana-user"]["image"] == shared.ELASTICSEARCH_IMAGE
    assert SERVICES["kibana"]["image"] == shared.KIBANA_IMAGE
    assert SERVICES["kafka"]["image"] == shared.KAFKA_IMAGE
    assert shared.ELASTICSEARCH_IMAGE.endswith(f":{ELASTICSEARCH_9.version}")
    image, local = shared.KAFKA_IMAGE.rpartition(":")[2], KAFKA.version
    assert image.split(".")[0] == local.split(".")[0]


def test_three_brokers_keep_three_copies_and_wait_for_two() -> None:
    one, three = shared.kafka_settings(1), shared.kafka_settings(3)
    changed = {name: value for name, value in three.items() if one[name] != value}
    assert {value for name, value in changed.items() if name.endswith("replication.factor")} == {"3"}
    assert {value for name, value in changed.items() if "isr" in name or "insync" in name} == {"2"}
    assert len(changed) == 7
