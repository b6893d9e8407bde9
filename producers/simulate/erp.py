"""An ERP system behind a web server: at the peak, one large report makes its callers wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from producers.simulate.browsers import OFFICE_AGENTS

CALLS = 2_000
DURATION = timedelta(hours=3)
PEAK_FROM, PEAK_UNTIL = timedelta(minutes=70), timedelta(minutes=130)
PEAK_SHARE = 0.5
"""Share of all calls that fall into the peak."""
REPORT = "/erp/reports/stock-movements"
REPORT_SHARE, REPORT_SHARE_AT_PEAK = 0.04, 0.14
BYTES_A_MS = 900
"""How fast the report comes: its duration is its size."""
SLOW_MS = 5_000
ROUTES = (
    ("GET", "/erp/", 15),
    ("GET", "/erp/orders", 25),
    ("GET", "/erp/orders/{id}", 30),
    ("POST", "/erp/orders", 8),
    ("GET", "/erp/stock/{id}", 25),
    ("GET", "/erp/customers/{id}", 15),
    ("POST", "/erp/bookings", 10),
    ("GET", "/erp/static/app.js", 6),
)


@dataclass(frozen=True, slots=True)
class ErpLog:
    """Lines in the order of time, how many reports were slow, and the users who waited for them."""

    lines: tuple[str, ...]
    slow: int
    waiting: tuple[tuple[datetime, str], ...]


def erp_log(random: Random, start: datetime, calls: int = CALLS) -> ErpLog:
    """Write the access log from ``start`` on, combined format with the seconds of the request at the end."""
    lines: list[str] = []
    waiting: list[tuple[datetime, str]] = []
    for since in sorted(_since(random) for _ in range(calls)):
        at_peak = PEAK_FROM <= since < PEAK_UNTIL
        user = f"clerk-{random.randrange(60):02d}"
        share = REPORT_SHARE_AT_PEAK if at_peak else REPORT_SHARE
        if random.random() < share:
            request, size, ms = _report(random, at_peak=at_peak)
            if ms >= SLOW_MS:
                waiting.append((start + since, user))
        else:
            request, size, ms = _page(random)
        status = 200 if random.random() > 0.006 else 404  # noqa: PLR2004 - a share of stale links
        answer = f'"{request}" {status} {size}'
        lines.append(_line(random, start + since, user, answer, ms))
    return ErpLog(tuple(lines), len(waiting), tuple(waiting))


def _since(random: Random) -> timedelta:
    if random.random() < PEAK_SHARE:
        return PEAK_FROM + random.random() * (PEAK_UNTIL - PEAK_FROM)
    return random.random() * DURATION


def _report(random: Random, *, at_peak: bool) -> tuple[str, int, float]:
    rows = random.randrange(40_000, 90_000) if at_peak else random.randrange(500, 4_000)
    size = rows * 120
    return f"GET {REPORT}?rows={rows} HTTP/1.1", size, 150 + size / BYTES_A_MS


def _page(random: Random) -> tuple[str, int, float]:
    method, path, _ = random.choices(ROUTES, [weight for _, _, weight in ROUTES])[0]
    target = path.format(id=random.randrange(1, 300))
    return f"{method} {target} HTTP/1.1", random.randrange(500, 20_000), 60 * math.exp(random.gauss(0, 0.5))


def _line(random: Random, at: datetime, user: str, answer: str, ms: float) -> str:
    agent = random.choices(OFFICE_AGENTS, [a.share for a in OFFICE_AGENTS])[0]
    address = f"198.51.100.{random.randrange(1, 120)}"
    time = at.strftime("%d/%b/%Y:%H:%M:%S %z")
    return f'{address} - {user} [{time}] {answer} "https://erp.example.com/erp/" "{agent.text}" {ms / 1000:.3f}'
