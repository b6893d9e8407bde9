"""A crawler that follows old links, and a scanner that looks for programs that are not there: loud, and harmless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson

from producers.simulate.asked import Asked
from producers.simulate.traffic.traffic import arrivals
from producers.simulate.wire import Call

CRAWLER = "Mozilla/5.0 (compatible; Examplebot/2.1; +https://bot.example.com/about)"
SCANNER = "Mozilla/5.0 zgrab-example/0.1"
PAGES = "pages.shop.example.com"
GONE_SHARE = 0.45
"""Part of the crawler's links that lead nowhere any more."""
SHARE, ROUND_S, LOUD_S = 0.04, 900, 225
"""Of all calls; where they come in bursts, three quarters of them come in the first quarter of each round."""
CRAWLER_SHARE = 0.75
LOOKED_FOR = ("/.env", "/wp-login.php", "/admin.php", "/.git/config", "/cgi-bin/test")


@dataclass(frozen=True)
class Bots:
    """Both, from the first minute to the last: evenly, as polite crawlers do, or in ``bursts``."""

    asked: Asked
    bursts: bool = False

    def calls(self) -> Iterator[Call]:
        """Most are the crawler's."""
        asked, random = self.asked, Random(f"{self.asked.seed}/bots")
        seconds = asked.duration.total_seconds()
        for number, at in enumerate(arrivals(asked.seed, 11, asked.start, seconds, self._rate)):
            call = _crawled(random) if random.random() < CRAWLER_SHARE else _scanned(random)
            call |= {"id": f"bot-{asked.seed}-{number}", "occurred_at": datetime.fromtimestamp(at, UTC).isoformat()}
            yield int(at * 1000), orjson.dumps(call)

    def signals(self) -> Iterator[Call]:
        """Nobody signals anything."""
        return iter(())

    def truth(self) -> Mapping[str, Any]:
        """Nothing is wrong."""
        return {"kind": "bots", "harmless": True, "agents": [CRAWLER, SCANNER], "share": SHARE, "bursts": self.bursts}

    def _rate(self, at: float) -> float:
        if not self.bursts:
            return self.asked.rate * SHARE
        loud = (at - self.asked.start.timestamp()) % ROUND_S < LOUD_S
        return self.asked.rate * SHARE * (3 if loud else 1 / 3)


def _crawled(random: Random) -> dict[str, Any]:
    gone = random.random() < GONE_SHARE
    page = f"/archive/{random.randrange(10**6)}" if gone else f"/pages/{random.randrange(5_000)}"
    return {
        "request": {"method": "GET", "path": page},
        "response": {"status": 404 if gone else 200, "bytes": 700 if gone else random.randrange(4_000, 60_000)},
        "latency": {"total_ms": round(25 * random.lognormvariate(0, 0.5), 3)},
        "upstream": {"service": PAGES, "statuses": [404 if gone else 200]},
        "consumer": "web",
        "gateway": {"instance": random.choice(("gateway-1", "gateway-2", "gateway-3"))},
        "client": {
            "ip": f"192.0.2.{random.randrange(1, 9)}", "geo": {"country_iso": "US"}, "user_agent": CRAWLER,
        },
    }  # fmt: skip


def _scanned(random: Random) -> dict[str, Any]:
    """The gateway knows no such route and asks nobody."""
    return {
        "request": {"method": random.choice(("GET", "GET", "POST")), "path": random.choice(LOOKED_FOR)},
        "response": {"status": 404, "bytes": 150},
        "latency": {"total_ms": round(random.uniform(0.3, 2), 3)},
        "gateway": {"product": "example-gateway", "instance": random.choice(("gateway-1", "gateway-2", "gateway-3"))},
        "client": {"ip": f"198.51.100.{random.randrange(1, 255)}", "user_agent": SCANNER},
    }
