"""What processes of this machine use of it."""

from __future__ import annotations

from urllib.parse import urlsplit

import psutil

CORES = psutil.cpu_count() or 1


def listener(address: str) -> int:
    """Process that listens where an engine answers; 0 if it is not on this machine, or not ours to see."""
    first = address.partition(",")[0]
    port = urlsplit(first if "//" in first else f"//{first}").port
    for found in psutil.net_connections("tcp"):
        if found.status == psutil.CONN_LISTEN and found.laddr and found.laddr[1] == port and found.pid:
            return found.pid
    return 0


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process so far, all threads; 0 for none."""
    times = psutil.Process(pid).cpu_times() if pid else None
    return float(times.user + times.system) if times else 0.0


def machine_seconds() -> float:
    """CPU seconds of all that ever ran on this machine; those of guests are in others already."""
    times = psutil.cpu_times()._asdict()
    return float(sum(s for name, s in times.items() if name not in {"idle", "iowait", "steal", "guest", "guest_nice"}))


def memory_mb(pid: int) -> int:
    """Resident memory of a process."""
    return int(psutil.Process(pid).memory_info().rss / 1e6)
