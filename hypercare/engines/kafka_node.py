"""One Kafka node on loopback, broker and controller in one: configuration, storage and the command that runs it."""

from __future__ import annotations

import base64
import os
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from hypercare.engines.equip import Kit
from hypercare.engines.place import Place
from hypercare.engines.ports import LOOPBACK
from hypercare.engines.process import Launch, failed_start
from hypercare.engines.server_settings import kafka_heap_options, kafka_settings
from hypercare.engines.unprivileged import hand_over

PORTS = ("kafka", "kafka-controller")
FORMAT_TIMEOUT_S = 60.0
FORMAT_HEAP_MB = 128

LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server
logger.server.level = info
"""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a cluster: ``name`` is its folder, ``voters`` are the controllers' ports by node id, its own too.

    ``side_door`` is the port of a second listener, whose clients are told to come to port ``side_door_told``: that of
    a proxy in front of it.
    """

    name: str
    id: int
    port: int
    voters: Mapping[int, int]
    cluster_id: str
    heap_mb: int
    side_door: int = 0
    side_door_told: int = 0

    def properties(self, data: str) -> dict[str, str]:
        """Its server.properties."""
        controller = f"{LOOPBACK}:{self.voters[self.id]}"
        side, told = (
            (f",SIDE://{LOOPBACK}:{port}" if self.side_door else "") for port in (self.side_door, self.side_door_told)
        )
        return {
            "process.roles": "broker,controller",
            "node.id": str(self.id),
            "controller.quorum.voters": ",".join(f"{id_}@{LOOPBACK}:{port}" for id_, port in self.voters.items()),
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{controller}{side}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self.port}{told}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SIDE:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": data,
            **kafka_settings(len(self.voters)),
        }


def prepare_kafka(place: Place, kit: Kit, ports: dict[str, int], heap_mb: int) -> Launch:
    """Return how to start a single node."""
    port, controller = (ports[name] for name in PORTS)
    node = Node("kafka", 1, port, {1: controller}, new_cluster_id(), heap_mb)
    return prepare_node(place, kit, ports, node)


def prepare_node(place: Place, kit: Kit, ports: dict[str, int], node: Node) -> Launch:
    """Write the configuration, format the storage if there is none, and return how to start the node."""
    folder = place.folder(node.name)
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    lines = [f"{name}={value}\n" for name, value in node.properties(str(data)).items()]
    (folder / "server.properties").write_text("".join(lines), encoding="utf-8")
    (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
    hand_over(folder, place.account)
    launch = Launch(
        title=kit.distribution.title,
        command=_command(place, kit, node, node.heap_mb, "kafka.Kafka", str(folder / "server.properties")),
        folder=folder,
        environ={"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"},
        ports=ports,
        log=place.log(node.name),
        record=place.record(node.name),
        account=place.account,
    )
    # Kafka writes this file last when it formats: without it, formatting was never finished.
    if not (data / "meta.properties").exists():
        _format(launch, place, kit, node)
    return launch


def new_cluster_id() -> str:
    """Make an id that all nodes of a cluster share."""
    # 16 bytes in URL-safe base64, as Kafka wants them; a leading dash would look like an option.
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def _command(place: Place, kit: Kit, node: Node, heap_mb: int, *program: str) -> tuple[str, ...]:
    return (
        str(kit.jvm.java),
        *kafka_heap_options(heap_mb),
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        f"-Dlog4j2.configurationFile={place.folder(node.name) / 'log4j2.properties'}",
        "-cp",
        f"{place.cache / kit.distribution.name}/*",
        *program,
    )


def _format(launch: Launch, place: Place, kit: Kit, node: Node) -> None:
    settings = str(launch.folder / "server.properties")
    tool = ("kafka.tools.StorageTool", "format", "-t", node.cluster_id, "-c", settings)
    launch.log.parent.mkdir(parents=True, exist_ok=True)
    account = launch.account
    try:
        with launch.log.open("wb") as output:
            subprocess.run(
                _command(place, kit, node, FORMAT_HEAP_MB, *tool),
                cwd=launch.folder,
                env=dict(launch.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
                timeout=FORMAT_TIMEOUT_S,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
    except subprocess.SubprocessError as error:
        raise failed_start(f"The storage of {launch.title}", launch.log, "could not be formatted") from error
