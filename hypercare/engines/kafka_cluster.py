"""Several Kafka nodes on loopback as one cluster, for tests of what happens when brokers fail.

    with KafkaCluster(settings) as cluster:
        use(cluster.bootstrap)
        cluster.kill(2)
        cluster.start(2)

Each node is broker and controller. Of three nodes one may be away: every record has three copies, of which two
are waited for. What it started ends with the block, or with this process however that ends; data and logs stay.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.download import install
from hypercare.engines.engine import Progress
from hypercare.engines.equip import equip_kafka
from hypercare.engines.guard import Guard
from hypercare.engines.java import installed_jvms
from hypercare.engines.kafka_node import Node, new_cluster_id, prepare_node
from hypercare.engines.place import settle
from hypercare.engines.ports import LOOPBACK, keep_or_choose
from hypercare.engines.probe import ask_kafka
from hypercare.engines.process import failed_start, kill, launch, stop
from hypercare.engines.process_record import is_running, read_record
from hypercare.engines.settings import EngineSettings

NODES = 3
HEAP_MB = 256
READY_WITHIN_S = 60.0
STOP_GRACE_S = 15.0
POLL_S = 0.2


class KafkaCluster:
    """``nodes`` nodes, numbered from 1, that live as long as the block runs.

    ``told`` are ports of proxies by node: such a node has a side door, where clients are told to come to the proxy.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        nodes: int = NODES,
        heap_mb: int = HEAP_MB,
        progress: Progress | None = None,
        environ: Mapping[str, str] = os.environ,
        told: Mapping[int, int] | None = None,
    ) -> None:
        self._told = told or {}
        self._place = settle(settings, environ=environ)
        self._ids = tuple(range(1, nodes + 1))
        self._heap_mb = heap_mb
        self._progress = progress or QuietProgress()
        self._environ = environ
        self._cluster_id = new_cluster_id()
        self._ports: dict[str, int] = {}
        self._guard = Guard()

    def __enter__(self) -> Self:
        self._place.prepare()
        self._kit = equip_kafka(installed_jvms(self._environ), self._place.account)
        install([self._kit.distribution], self._place.cache, self._progress)
        names = [name for id_ in self._ids for name in (_broker(id_), _controller(id_))]
        names += [_side_door(id_) for id_ in self._told]
        self._ports = keep_or_choose(self._place.ports, names, say=self._progress.say)
        self._guard.__enter__()
        try:
            for id_ in self._ids:
                self._launch(id_)
            self._await(self._ids)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # All at once: a controller that is left alone would wait for the others until its time runs out.
        try:
            stop(*(self._place.record(_broker(id_)) for id_ in self._ids), grace_s=STOP_GRACE_S)
        finally:
            self._guard.__exit__(kind, error, trace)

    @property
    def bootstrap(self) -> str:
        """The addresses of all nodes, of those that are away too."""
        return ",".join(self.address(id_) for id_ in self._ids)

    def address(self, node: int) -> str:
        """Where one node listens."""
        return f"{LOOPBACK}:{self._ports[_broker(node)]}"

    def side_door(self, node: int) -> int:
        """The port behind a proxy."""
        return self._ports[_side_door(node)]

    def running(self) -> tuple[int, ...]:
        """The nodes whose process is there."""
        return tuple(id_ for id_ in self._ids if is_running(read_record(self._place.record(_broker(id_)))))

    def kill(self, node: int) -> None:
        """End one node at once, as a crash would."""
        kill(self._place.record(_broker(node)))

    def start(self, node: int) -> None:
        """Start one node again, on its port and data, and return when it answers."""
        if node not in self.running():
            self._launch(node)
        self._await((node,))

    def _launch(self, id_: int) -> None:
        node = Node(
            name=_broker(id_),
            id=id_,
            port=self._ports[_broker(id_)],
            voters={other: self._ports[_controller(other)] for other in self._ids},
            cluster_id=self._cluster_id,
            heap_mb=self._heap_mb,
            side_door=self._ports.get(_side_door(id_), 0),
            side_door_told=self._told.get(id_, 0),
        )
        ports = {name: self._ports[name] for name in (_broker(id_), _controller(id_))}
        record = launch(prepare_node(self._place, self._kit, ports, node))
        self._guard.watch(record.leader)

    def _await(self, nodes: Iterable[int]) -> None:
        """Wait until every one of these nodes serves and knows of all that run."""
        deadline = time.monotonic() + READY_WITHIN_S
        for id_ in nodes:
            while not _serves(self.address(id_), len(self.running())):
                log = self._place.log(_broker(id_))
                if id_ not in self.running():
                    raise failed_start(f"Kafka node {id_}", log, "ended while starting")
                if time.monotonic() > deadline:
                    raise failed_start(f"Kafka node {id_}", log, f"did not answer within {READY_WITHIN_S:.0f} s")
                time.sleep(POLL_S)


def _serves(address: str, brokers: int) -> bool:
    answer = ask_kafka(address, timeout_s=1.0)
    return answer.ready and answer.brokers >= brokers


def _broker(node: int) -> str:
    return f"kafka-{node}"


def _controller(node: int) -> str:
    return f"kafka-{node}-controller"


def _side_door(node: int) -> str:
    return f"kafka-{node}-side-door"
