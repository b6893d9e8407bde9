"""Kafka and Elasticsearch as processes of ours on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from contracts.errors import Stop
from hypercare.engines.download import Fetch, FreeBytes, free_bytes, install
from hypercare.engines.elasticsearch_node import PORTS as ELASTICSEARCH_PORTS
from hypercare.engines.elasticsearch_node import note_written_by, prepare_elasticsearch, written_by
from hypercare.engines.engine import Endpoints, EngineStatus, Progress, WayTaken
from hypercare.engines.equip import EngineName, Kit, equip_elasticsearch, equip_kafka
from hypercare.engines.java import Jvm, installed_jvms
from hypercare.engines.kafka_node import PORTS as KAFKA_PORTS
from hypercare.engines.kafka_node import prepare_kafka
from hypercare.engines.lock import locked
from hypercare.engines.maven import fetch_with_maven
from hypercare.engines.place import Place, settle
from hypercare.engines.ports import LOOPBACK, keep_or_choose
from hypercare.engines.probe import TIMEOUT_S, Answer, ask_elasticsearch, ask_kafka
from hypercare.engines.process import failed_start, kill, launch, note_children, stop
from hypercare.engines.process_record import ProcessRecord, is_running, read_record
from hypercare.engines.settings import EngineSettings

# Elasticsearch takes longest, so it goes first and Kafka comes up beside it.
ENGINES: tuple[EngineName, ...] = ("elasticsearch", "kafka")
PORTS: dict[EngineName, tuple[str, ...]] = {"elasticsearch": ELASTICSEARCH_PORTS, "kafka": KAFKA_PORTS}
READY_TIMEOUT_S = 180.0
POLL_S = 0.2
# An engine that did not come up has nothing to save.
FAILED_GRACE_S = 5.0


class LocalEngines:
    """Real Kafka and real Elasticsearch on loopback, owned by a home folder and found again through it."""

    name: WayTaken = "local"

    def __init__(
        self,
        settings: EngineSettings,
        *,
        fetch: Fetch = fetch_with_maven,
        free: FreeBytes = free_bytes,
        environ: Mapping[str, str] = os.environ,
        effective_uid: int | None = None,
    ) -> None:
        self._settings = settings
        self._fetch = fetch
        self._free = free
        self._environ = environ
        self._place = settle(settings, environ=environ, effective_uid=effective_uid)

    @property
    def place(self) -> Place:
        """The folders really used: root's may differ from the ones asked for."""
        return self._place

    def start(self, progress: Progress) -> Endpoints:
        """Start what is not running and return when both answer; a second start meanwhile waits for it."""
        if self._place.note:
            progress.say(self._place.note)
        with locked(self._place.lock, doing="starting the engines", say=progress.say):
            self._place.prepare()
            missing = [engine for engine in ENGINES if not is_running(self._record(engine))]
            kits = self._fetch_kits(missing, progress)
            ports = {engine: self._ports(engine, progress) for engine in missing}
            waiting = {engine for engine in ENGINES if engine in missing or not self._ask(engine).ready}
            if waiting:
                progress.begin(f"Starting {' and '.join(sorted(engine.title() for engine in waiting))}", unit="seconds")
                progress.end(self._bring_up(kits, ports, waiting, progress))
            return self._known_endpoints()

    def stop(self) -> None:
        """Stop both engines, if they are ours and run; their data stays."""
        self._stop(*ENGINES)

    def stop_one(self, engine: EngineName) -> None:
        """Stop one engine as a careful person would."""
        self._stop(engine)

    def kill_one(self, engine: EngineName) -> None:
        """Kill one engine as a crash would: at once, its record left behind."""
        kill(self._place.record(engine))

    def endpoints(self) -> Endpoints | None:
        """Where the engines answer, or None while one of them does not run."""
        running = all(is_running(self._record(engine)) for engine in ENGINES)
        return self._known_endpoints() if running else None

    def status(self) -> tuple[EngineStatus, ...]:
        """Both engines as they are now, never raising."""
        return tuple(self._status(engine) for engine in sorted(ENGINES, reverse=True))

    def _status(self, engine: EngineName) -> EngineStatus:
        record = self._record(engine)
        if record is None:
            return EngineStatus(engine=engine, health="stopped", detail="not started")
        if not is_running(record):
            return EngineStatus(engine=engine, health="stopped", detail=f"ended by itself; its log: {record.log}")
        answer = _ask(engine, record)
        return EngineStatus(
            engine=engine,
            health="running" if answer.ready else "unreachable",
            endpoint=_endpoint(engine, record),
            detail=f"{record.title}, process {record.leader.pid}, {answer.detail}, log {record.log}",
        )

    def _fetch_kits(self, engines: list[EngineName], progress: Progress) -> dict[EngineName, Kit]:
        if not engines:
            return {}
        jvms = installed_jvms(self._environ)
        kits = {engine: self._equip(engine, jvms) for engine in engines}
        for kit in kits.values():
            if kit.reason:
                progress.say(f"{kit.distribution.title}, {kit.reason}; it runs on Java {kit.jvm.major}.")
        wanted = [kit.distribution for kit in kits.values()]
        install(wanted, self._place.cache, progress, fetch=self._fetch, free=self._free)
        return kits

    def _equip(self, engine: EngineName, jvms: Sequence[Jvm]) -> Kit:
        if engine == "kafka":
            return equip_kafka(jvms, self._place.account)
        version, data = self._settings.elasticsearch_version, written_by(self._place)
        return equip_elasticsearch(jvms, self._place.account, version=version, written_by=data)

    def _ports(self, engine: EngineName, progress: Progress) -> dict[str, int]:
        # What a killed engine left, a stale record or a child still closing, must not look like a stranger.
        stop(self._place.record(engine), grace_s=FAILED_GRACE_S)
        return keep_or_choose(self._place.ports, PORTS[engine], say=progress.say)

    def _bring_up(
        self,
        kits: dict[EngineName, Kit],
        ports: dict[EngineName, dict[str, int]],
        waiting: set[EngineName],
        progress: Progress,
    ) -> str:
        """Launch what has a kit, wait for all; leave nothing of what was launched when that fails."""
        began = time.monotonic()
        try:
            for engine, kit in kits.items():
                self._launch(engine, kit, ports[engine])
            return self._await(waiting, began, progress)
        except BaseException:
            progress.end("failed")
            stop(*(self._place.record(engine) for engine in kits), grace_s=FAILED_GRACE_S)
            raise

    def _launch(self, engine: EngineName, kit: Kit, ports: dict[str, int]) -> None:
        try:
            if engine == "kafka":
                launch(prepare_kafka(self._place, kit, ports, self._settings.kafka_heap_mb))
            else:
                launch(prepare_elasticsearch(self._place, kit, ports, self._settings.elasticsearch_heap_mb))
        except PermissionError as error:
            raise Stop(
                f"{error.filename} belongs to another user, perhaps from a start with sudo.",
                fix=f"Make it yours with `chown -R`, or set HYPERCARE_HOME to another folder than {self._place.home}.",
            ) from error

    def _await(self, waiting: set[EngineName], began: float, progress: Progress) -> str:
        ready: dict[EngineName, float] = {}
        while len(ready) < len(waiting):
            elapsed = time.monotonic() - began
            progress.advance_to(int(elapsed))
            for engine in sorted(waiting - ready.keys()):
                self._check_alive(engine, elapsed)
                if self._ask(engine, timeout_s=1.0).ready:
                    self._note_ready(engine)
                    ready[engine] = elapsed
            time.sleep(POLL_S)
        return ", ".join(f"{engine.title()} after {seconds:.0f} s" for engine, seconds in ready.items())

    def _note_ready(self, engine: EngineName) -> None:
        note_children(self._place.record(engine))
        if engine == "elasticsearch" and (record := self._record(engine)):
            note_written_by(self._place, record.title)

    def _check_alive(self, engine: EngineName, elapsed: float) -> None:
        log = self._place.log(engine)
        if not is_running(self._record(engine)):
            raise failed_start(engine.title(), log, "ended while starting")
        if elapsed > READY_TIMEOUT_S:
            raise failed_start(engine.title(), log, f"did not answer within {READY_TIMEOUT_S:.0f} s")

    def _stop(self, *engines: EngineName) -> None:
        if not any(self._record(engine) for engine in engines):
            return
        with locked(self._place.lock, doing="stopping the engines", say=lambda _: None):
            stop(*(self._place.record(engine) for engine in engines))

    def _record(self, engine: EngineName) -> ProcessRecord | None:
        return read_record(self._place.record(engine))

    def _ask(self, engine: EngineName, *, timeout_s: float = TIMEOUT_S) -> Answer:
        record = self._record(engine)
        return _ask(engine, record, timeout_s=timeout_s) if record else Answer(ready=False, detail="not started")

    def _known_endpoints(self) -> Endpoints:
        records = {engine: self._record(engine) for engine in ENGINES}
        found = {engine: _endpoint(engine, record) if record else "" for engine, record in records.items()}
        return Endpoints(kafka=found["kafka"], elasticsearch=found["elasticsearch"])


def _endpoint(engine: EngineName, record: ProcessRecord) -> str:
    address = f"{LOOPBACK}:{record.ports[engine]}"
    return address if engine == "kafka" else f"http://{address}"


def _ask(engine: EngineName, record: ProcessRecord, *, timeout_s: float = TIMEOUT_S) -> Answer:
    ask = ask_kafka if engine == "kafka" else ask_elasticsearch
    return ask(_endpoint(engine, record), timeout_s=timeout_s)
