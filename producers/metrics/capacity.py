"""How much of what there is is used, out of the metrics that exporters give: parts from 0 to 1, by resource.

Only what has a limit becomes a part: a number without one says nothing about how full it is. Of several (file systems,
pools, interfaces) the fullest counts, for it is the one that ends first. Names: node_exporter, cAdvisor, JVM
(Micrometer and the Prometheus client), HikariCP, Tomcat, process metrics, PostgreSQL, Kong, and of OpenTelemetry its
system and JVM conventions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from producers.metrics.prometheus import Sample

MOST = 10.0
"""What the contract takes; a container may use more than its share for a while."""
Series = dict[tuple[tuple[str, str], ...], float]


@dataclass(frozen=True, slots=True)
class Share:
    """``used`` of ``limit``, series by series; ``free`` says that the first is what is left. ``only`` are labels."""

    resource: str
    used: str
    limit: str
    free: bool = False
    only: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A gauge that is a part already; ``free`` says that it is what is left."""

    resource: str
    name: str
    free: bool = False
    only: tuple[tuple[str, str], ...] = ()


SHARES = (
    Share("memory", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", free=True),
    Share("memory", "container_memory_working_set_bytes", "container_spec_memory_limit_bytes"),
    Share("heap", "jvm_memory_used_bytes", "jvm_memory_max_bytes", only=(("area", "heap"),)),
    Share("heap", "jvm_memory_bytes_used", "jvm_memory_bytes_max", only=(("area", "heap"),)),
    Share("heap", "jvm.memory.used", "jvm.memory.limit", only=(("jvm.memory.type", "heap"),)),
    Share("disk", "node_filesystem_avail_bytes", "node_filesystem_size_bytes", free=True),
    Share("files", "process_open_fds", "process_max_fds"),
    Share("connections", "hikaricp_connections_active", "hikaricp_connections_max"),
    Share("connections", "db.client.connection.count", "db.client.connection.max", only=(("state", "used"),)),
    Share("connections", "pg_stat_activity_count", "pg_settings_max_connections"),
    Share("threads", "tomcat_threads_busy_threads", "tomcat_threads_config_max_threads"),
    Share("threads", "executor_active_threads", "executor_pool_max_threads"),
    Share("gateway_memory", "kong_memory_lua_shared_dict_bytes", "kong_memory_lua_shared_dict_total_bytes"),
)
TOLD = (
    Told("cpu", "system_cpu_usage"),
    Told("cpu", "system.cpu.utilization", free=True, only=(("cpu.mode", "idle"),)),
    Told("cpu", "system.cpu.utilization", free=True, only=(("state", "idle"),)),
    Told("cpu", "jvm.cpu.recent_utilization"),
    Told("memory", "system.memory.utilization", only=(("system.memory.state", "used"),)),
    Told("memory", "system.memory.utilization", only=(("state", "used"),)),
    Told("disk", "system.filesystem.utilization", only=(("system.filesystem.state", "used"),)),
    Told("disk", "system.filesystem.utilization", only=(("state", "used"),)),
)
NOT_DISKS = frozenset(("tmpfs", "ramfs", "squashfs", "overlay", "iso9660", "devtmpfs", "nsfs", "rootfs"))
"""File systems that are full by nature, or no disk."""
_LEFT_OUT = frozenset(("le", "quantile"))


def used_parts(samples: Sequence[Sample], before: Sequence[Sample] = (), seconds: float = 0.0) -> dict[str, float]:
    """Used parts by resource; with the samples of ``seconds`` ago also what counters tell: CPU and network."""
    by_name = _by_name(samples)
    found: dict[str, list[float]] = defaultdict(list)
    for told in TOLD:
        values = [value for key, value in by_name.get(told.name, {}).items() if set(told.only) <= set(key)]
        if values and told.resource == "cpu":
            values = [sum(values) / len(values)]  # one series a core
        found[told.resource] += [1 - value if told.free else value for value in values]
    for share in SHARES:
        found[share.resource] += _parts(share, by_name)
    if before and seconds > 0:
        earlier = _by_name(before)
        found["cpu"] += _cpu(by_name, earlier)
        found["network"] += _network(by_name, earlier, seconds)
    return {name: min(max(*parts, 0.0), MOST) for name, parts in sorted(found.items()) if parts}


def _by_name(samples: Sequence[Sample]) -> dict[str, Series]:
    found: dict[str, Series] = defaultdict(dict)
    for sample in samples:
        if not _LEFT_OUT & sample.labels.keys():
            found[sample.name][tuple(sorted(sample.labels.items()))] = sample.value
    return found


def _parts(share: Share, by_name: Mapping[str, Series]) -> list[float]:
    limits = by_name.get(share.limit, {})
    parts = []
    for key, value in by_name.get(share.used, {}).items():
        if not set(share.only) <= set(key) or dict(key).get("fstype") in NOT_DISKS:
            continue
        limit = _limit_of(key, limits, share)
        if limit > 0 and value >= 0:
            parts.append(1 - value / limit if share.free else value / limit)
    return parts


def _limit_of(key: tuple[tuple[str, str], ...], limits: Series, share: Share) -> float:
    """The limit of the same series; else without the labels that only the used one has; else the only one there is."""
    if key in limits:
        return limits[key]
    shorter = tuple(pair for pair in key if pair not in share.only)
    if shorter in limits:
        return limits[shorter]
    return next(iter(limits.values())) if len(limits) == 1 else 0.0


def _cpu(now: Mapping[str, Series], before: Mapping[str, Series]) -> list[float]:
    """Part of the seconds of all cores that was not idle, by what node_exporter counts."""
    name = "node_cpu_seconds_total"
    passed: dict[bool, float] = {True: 0.0, False: 0.0}
    for key, value in now.get(name, {}).items():
        grown = value - before.get(name, {}).get(key, value)
        if grown < 0:
            return []  # it began anew
        passed[dict(key).get("mode") in {"idle", "iowait"}] += grown
    whole = passed[True] + passed[False]
    return [passed[False] / whole] if whole > 0 else []


def _network(now: Mapping[str, Series], before: Mapping[str, Series], seconds: float) -> list[float]:
    """Part of the speed of each interface, whichever direction is fuller; those that do not say a speed have none."""
    speeds = {dict(key).get("device"): value for key, value in now.get("node_network_speed_bytes", {}).items()}
    parts = []
    for name in ("node_network_receive_bytes_total", "node_network_transmit_bytes_total"):
        for key, value in now.get(name, {}).items():
            grown, speed = value - before.get(name, {}).get(key, value), speeds.get(dict(key).get("device"), 0.0)
            if grown >= 0 and speed > 0:
                parts.append(grown / seconds / speed)
    return parts
