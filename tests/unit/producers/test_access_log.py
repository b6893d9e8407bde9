from __future__ import annotations

import time
from contextlib import suppress

import pytest

from contracts.errors import Rejected
from producers.adapters.access_log import MAX_LINE_BYTES, AccessLog
from producers.adapters.adapter import Place

PLACE = Place("a.log", 1)
WHEN = "[15/Jun/2026:09:00:00 +0000]"
START = f"203.0.113.24 - - {WHEN}"


def reason(line: str) -> str:
    with pytest.raises(Rejected) as caught:
        AccessLog().parse(line.encode(), PLACE)
    return caught.value.reason


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "not_access_log"),
        ("hello", "not_access_log"),
        ("-- log rotated --", "not_access_log"),
        ("2026/06/15 09:00:00 [error] 12#0: *1 open() failed", "not_access_log"),
        ('{"status":200}', "not_access_log"),
        (f"{START} no request", "not_access_log"),
        ("203.0.113.24 - -", "truncated_line"),
        ("203.0.113.24 - - [15/Jun/20", "truncated_line"),
        (START, "truncated_line"),
        (f'{START} "GET / HT', "truncated_line"),
        (f'{START} "GET / HTTP/1.1"', "truncated_line"),
        (f'{START} "GET / HTTP/1.1" 200', "truncated_line"),
        (f'{START} "GET / HTTP/1.1" 200 12 "http://www.exa', "truncated_line"),
        (f'{START} "GET / HTTP/1.1" 200 12 "-" "Mozilla', "truncated_line"),
        (f'{START} "GET / HTTP/1.1" OK 12', "invalid_status"),
        (f'{START} "GET / HTTP/1.1" 2000 12', "invalid_status"),
        ('203.0.113.24 - - [15/Jux/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 1', "invalid_time"),
        ('203.0.113.24 - - [31/Feb/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 1', "invalid_time"),
        ('203.0.113.24 - - [15/Jun/0001:09:00:00 +0000] "GET / HTTP/1.1" 200 1', "invalid_time"),
        ('203.0.113.24 - - [15/Jun/2026:09:00:00 +9900] "GET / HTTP/1.1" 200 1', "invalid_time"),
        (f'{START} "GET /{"a" * MAX_LINE_BYTES} HTTP/1.1" 200 1', "line_too_long"),
    ],
)
def test_bad_line_is_rejected_with_its_reason(line: str, expected: str) -> None:
    assert reason(line) == expected


def test_every_truncation_is_rejected_or_a_whole_common_line() -> None:
    line = f'{START} "GET /a HTTP/1.1" 200 157 "https://example.com/" "curl/8.0"'
    taken = []
    for end in range(len(line)):
        try:
            AccessLog().parse(line[:end].encode(), PLACE)
        except Rejected:
            continue
        taken.append(line[:end].rpartition("1.1")[2])
    assert taken == ['" 200 1', '" 200 15', '" 200 157', '" 200 157 ']


@pytest.mark.parametrize(
    "line",
    [
        b"a" * 1_000_000,
        b'"' * 1_000_000,
        b"\\" * 1_000_000,
        b"[" * 1_000_000,
        (START + ' "' + "\\" * 60_000).encode(),
        (START + ' "' + '\\"' * 30_000).encode(),
        (START + ' "GET / HTTP/1.1" 200 1 ' + '"a" ' * 15_000).encode(),
        (START + ' "GET / HTTP/1.1" 200 1 "-" "-" ' + "1.1 " * 15_000).encode(),
        (START + ' "' + "\\xC3" * 15_000 + '" 200 1').encode(),
        (START + ' "GET ' + "a://" * 15_000 + ' HTTP/1.1" 200 1').encode(),
        (START + ' "GET /?' + "token=a&" * 8_000 + ' HTTP/1.1" 200 1 "' + "?key=" * 200 + '" "-"').encode(),
        b"x " * 30_000,
        (START + ' "' + '" 200 ' * 9_000).encode(),
        (START + ' "a"b" 200 1' + ' "' * 30_000).encode(),
        (START + ' "a"b" 200 1 "' + '" "' * 20_000 + "x").encode(),
        (START + ' "a"b" 200 1 "' + '" "x' * 16_000).encode(),
    ],
    ids=range(16),
)
def test_hostile_line_takes_little_time(line: bytes) -> None:
    before = time.perf_counter()
    with suppress(Rejected):
        AccessLog().parse(line, PLACE)
    assert time.perf_counter() - before < 0.5


def test_broken_encoding_loses_nothing() -> None:
    call = AccessLog().parse(START.encode() + b' "GET /caf\xe9 HTTP/1.1" 200 1 "-" "a\x00b"', PLACE)
    assert call.request.path == "/caf\\xe9"
    assert call.client.user_agent == "a\\x00b"


def test_quotes_that_were_not_escaped() -> None:
    call = AccessLog().parse(f'{START} "GET /"x" HTTP/1.1" 200 1 "-" "Mozilla "the" browser" 0.5'.encode(), PLACE)
    assert call.request.path == '/"x"'
    assert call.client.user_agent == 'Mozilla "the" browser'
    assert call.latency.total_ms == 500


def test_gap_left_by_log_rotation_is_skipped() -> None:
    call = AccessLog().parse(b"\x00" * 500 + START.encode() + b' "GET / HTTP/1.1" 200 1\r', PLACE)
    assert call.client.ip == "203.0.113.24"


def test_too_long_parts_are_cut_and_named() -> None:
    call = AccessLog().parse(f'{START} "GET /{"a" * 9000}?{"b" * 9000} HTTP/1.1" 200 1'.encode(), PLACE)
    assert len(call.request.path or "") == 8192
    assert call.attributes["cut"] == "path,query"


def test_details_hold_nothing_of_the_line() -> None:
    with pytest.raises(Rejected) as caught:
        AccessLog().parse(f'{START} "GET /?token=hunter2 HTTP/1.1" hunter2 1'.encode(), PLACE)
    assert "hunter2" not in str(caught.value)
