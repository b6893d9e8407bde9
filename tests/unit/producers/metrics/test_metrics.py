from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected, Stop
from contracts.signals import Signal
from hypercare.cli import app
from producers.adapters.adapter import Place
from producers.files import Line
from producers.metrics.capacity import used_parts
from producers.metrics.otlp_lines import read_lines
from producers.metrics.prometheus import Sample, read_page
from producers.metrics.scrape import Answer, Target, Watched, ask, signals_of, target_of
from producers.metrics.signals import signals_of_otlp

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
PLACE = Place("metrics", 0, project="shop")
NODE = r"""
# HELP node_memory_MemTotal_bytes x
node_memory_MemTotal_bytes 1000
node_memory_MemAvailable_bytes 2.5e+02 1781514000123
node_filesystem_size_bytes{device="/dev/a",fstype="ext4",mountpoint="/"} 100
node_filesystem_avail_bytes{device="/dev/a",fstype="ext4",mountpoint="/"} 5
node_filesystem_size_bytes{device="t",fstype="tmpfs",mountpoint="/t"} 100
node_filesystem_avail_bytes{device="t",fstype="tmpfs",mountpoint="/t"} 0
process_open_fds 10
process_max_fds 1000
broken{a="b} 1
summary{quantile="0.5",} NaN
escaped{a="x\"}\\\n"} 3 # {trace_id="x"} 1
"""


def counters(idle: float, busy: float, received: float) -> str:
    return (
        f'node_cpu_seconds_total{{cpu="0",mode="idle"}} {idle}\nnode_cpu_seconds_total{{cpu="0",mode="user"}} {busy}\n'
        f'node_network_receive_bytes_total{{device="e"}} {received}\nnode_network_speed_bytes{{device="e"}} 1000\n'
    )


def test_a_page_is_read_line_by_line() -> None:
    page = read_page(NODE)
    assert (page.bad_lines, page.first_bad) == (1, "line 11")
    assert page.samples[-1] == Sample("escaped", {"a": 'x"}\\\n'}, 3.0)
    assert read_page("a 1\r\nb\t2\n").samples == [Sample("a", {}, 1.0), Sample("b", {}, 2.0)]


def test_what_has_a_limit_is_a_part_of_it() -> None:
    assert used_parts(read_page(NODE).samples) == {"disk": 0.95, "files": 0.01, "memory": 0.75}


def test_what_has_no_limit_tells_nothing() -> None:
    page = 'container_memory_working_set_bytes{pod="a"} 5\ncontainer_spec_memory_limit_bytes{pod="a"} 0\nfoo 1\n'
    assert used_parts(read_page(page).samples) == {}


def test_a_heap_without_bounds_is_left_out_and_areas_are_kept_apart() -> None:
    page = (
        'jvm_memory_used_bytes{area="heap",id="a"} 90\njvm_memory_max_bytes{area="heap",id="a"} 100\n'
        'jvm_memory_used_bytes{area="heap",id="b"} 9\njvm_memory_max_bytes{area="heap",id="b"} -1\n'
        'jvm_memory_used_bytes{area="nonheap",id="c"} 99\njvm_memory_max_bytes{area="nonheap",id="c"} 100\n'
    )
    assert used_parts(read_page(page).samples) == {"heap": 0.9}


def test_counters_tell_with_the_page_before() -> None:
    before, after = read_page(counters(100, 100, 0)).samples, read_page(counters(102, 108, 5000)).samples
    assert used_parts(after, before, 10) == {"cpu": 0.8, "network": 0.5}
    assert used_parts(before, after, 10) == {}  # began anew
    assert used_parts(after) == {}


def test_an_answer_is_uptime_and_resources() -> None:
    watched = Watched(Target("http://u:p@db.example.com:9100/metrics?token=x", "db"))
    up, resources = signals_of(watched, Answer(12.0, read_page(NODE)), PLACE, NOW)
    assert up.uptime
    assert (up.uptime.monitor, up.uptime.up, up.uptime.latency_ms) == ("db.example.com:9100/metrics", True, 12.0)
    assert (up.service, up.project) == ("db", "shop")
    assert resources.resources
    assert resources.resources.used["disk"] == 0.95
    (down,) = signals_of(watched, Answer(5.0, reason="TimeoutError"), PLACE, NOW + timedelta(seconds=1))
    assert down.uptime
    assert (down.uptime.up, down.uptime.reason) == (False, "TimeoutError")
    assert len({up.id, resources.id, down.id}) == 3


def test_a_page_may_tell_of_others() -> None:
    page = read_page('up{job="api",instance="a:1"} 0\nup{job="api",instance="b:1"} 1\nup{job="x"} 0.5\n')
    _, first, second = signals_of(Watched(Target("http://p/m")), Answer(1.0, page), PLACE, NOW)
    assert first.uptime
    assert second.uptime
    assert (first.uptime.monitor, first.uptime.up, second.uptime.up) == ("api/a:1", False, True)


def otlp(name: str, value: Any, **attributes: str) -> dict[str, Any]:
    said = [{"key": key, "value": {"stringValue": text}} for key, text in attributes.items()]
    point = {"timeUnixNano": "1781514000000000000", "asDouble": value, "attributes": said}
    return {
        "resourceMetrics": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "orders"}}]},
                "scopeMetrics": [{"metrics": [{"name": name, "gauge": {"dataPoints": [point]}}]}],
            }
        ]
    }


def test_otlp_metrics_are_resources() -> None:
    (signal,) = signals_of_otlp(otlp("system.memory.utilization", 0.93, state="used"), PLACE)
    assert signal.resources
    assert signal.resources.used == {"memory": 0.93}
    assert (signal.service, signal.occurred_at) == ("orders", NOW)
    with pytest.raises(Rejected, match="nothing_known"):
        signals_of_otlp(otlp("my.metric", 3), PLACE)
    with pytest.raises(Rejected, match="resourceMetrics"):
        signals_of_otlp({}, PLACE)


@pytest.mark.parametrize("value", [None, "x", "NaN", 1e308, [], {}, True])
def test_odd_values_of_otlp_are_no_samples_or_parts_within_bounds(value: Any) -> None:
    try:
        (signal,) = signals_of_otlp(otlp("system.memory.utilization", value, state="used"), PLACE)
    except Rejected:
        return
    assert signal.resources
    assert 0 <= signal.resources.used["memory"] <= 10


def test_lines_that_tell_nothing_are_dead_letters() -> None:
    good = json.dumps(otlp("system.memory.utilization", 0.5, state="used")).encode()
    first, second = read_lines([Line(1, good), Line(2, b"{"), Line(3, b" ")], PLACE, NOW)
    assert isinstance(first, Signal)
    assert isinstance(second, DeadLetter)
    assert (second.reason, second.line, second.stage) == ("truncated_line", 2, "metrics")


@given(st.text(max_size=200))
def test_any_text_is_a_page(text: str) -> None:
    used_parts(read_page(text).samples)


@pytest.mark.parametrize(
    "text", ["a{" * 100_000, 'a{b="' + "\\" * 16_000, "a{b=" * 300_000, "a 1\n" * 300_000, "\u200b\u202e🙂" * 9_000]
)
def test_hostile_pages_take_a_moment(text: str) -> None:
    begun = time.process_time()
    read_page(text)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("text", ["", "x", "ftp://a/b", "http://", "a=b", "http://a:99999999/", "file:///etc/passwd"])
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(Stop, match="is no address"):
        target_of(text)


def test_addresses_are_read() -> None:
    assert target_of("http://a:9100") == Target("http://a:9100/metrics")
    assert target_of("db=https://a/m?x=1") == Target("https://a/m?x=1", "db")


class Pages(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, bytes]] = {"/metrics": NODE.encode(), "/html": b"<html>hello</html>"}

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.6)
        found = self.pages.get(self.path)
        self.send_response(200 if found else 302)
        self.send_header("Location", "/metrics")
        self.end_headers()
        self.wfile.write(found or b"")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_pages_are_asked_for() -> None:
    with served() as base:
        good = ask(Target(f"{base}/metrics"), 5)
        assert good.page
        assert len(good.page.samples) > 5
        assert ask(Target(f"{base}/elsewhere"), 5).reason == "it answers 302"
        assert ask(Target(f"{base}/slow"), 0.2).reason == "TimeoutError"
        done = CliRunner().invoke(app, ["metrics", "scrape", f"db={base}/metrics", f"{base}/html", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "disk 95.0%" in done.output
    assert "is down: it gave no metrics" in done.output
    assert ask(Target("http://127.0.0.1:9/metrics"), 1).reason == "ConnectionRefusedError"
