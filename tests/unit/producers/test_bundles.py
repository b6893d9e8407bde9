from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from contracts.quick import quick
from producers.adapters.adapter import Adapter, Place
from producers.adapters.aws import AwsApiGateway
from producers.adapters.bundles import unbundled
from producers.adapters.detect import detect
from producers.adapters.kong import Kong
from producers.adapters.otlp import Otlp
from producers.files import Line
from producers.importing import import_file
from producers.outlet import MemoryOutlet
from tests.unit.producers.golden_results import HERE

KONG = (HERE / "samples" / "kong.ndjson").read_bytes().split(b"\n")[0]


def parts(data: bytes, adapter: Adapter) -> list[Line]:
    return list(unbundled(iter([Line(3, data)]), adapter))


def test_an_array_is_its_records() -> None:
    found = parts(b"[" + KONG + b",\n " + KONG + b"]", Kong())
    assert [(line.number, line.part) for line in found] == [(3, 0), (3, 1)]
    assert [orjson.loads(line.data) for line in found] == [orjson.loads(KONG)] * 2


@pytest.mark.parametrize("data", [KONG, b"", b"[", b"[]", b"[1", b'"x"', b"{}", b"[" * 5000, b"oops"])
def test_what_is_not_several_stays_as_it_is(data: bytes) -> None:
    assert parts(data, Kong()) == [Line(3, data)]


def test_a_faulty_line_is_left_alone() -> None:
    line = Line(1, b"[1,2]", Rejected("line_too_long", "x"))
    assert list(unbundled(iter([line]), Kong())) == [line]


def test_records_that_are_no_objects_are_refused_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"[" + KONG + b',1,null,"x",[]]\n')
    outlet = MemoryOutlet()
    report = import_file(str(file), kind="calls", publisher=outlet)
    assert (report.published, report.rejected) == (1, 4)
    assert {letter.line for letter in outlet.letters} == {1}


def test_importing_an_array_twice_makes_the_same_events_and_equal_records_are_two(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"[" + KONG + b"," + KONG + b"]\n" + KONG + b"\n")
    ids = []
    for _ in range(2):
        outlet = MemoryOutlet()
        report = import_file(str(file), kind="calls", publisher=outlet)
        assert report.adapter == "kong"
        ids.append([event.id for event in outlet.events])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_an_array_can_be_read_by_a_named_adapter(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"[" + KONG + b"]\n")
    outlet = MemoryOutlet()
    assert import_file(str(file), kind="calls", publisher=outlet, adapter=Kong()).published == 1


def test_records_of_an_array_are_looked_at_for_detection() -> None:
    assert detect([b"[" + KONG + b"," + KONG + b"]"], "a.json").adapter.name == "kong"


def test_each_message_of_cloudwatch_is_a_line() -> None:
    record = {"logEvents": [{"message": '{"a": 1}'}, {"message": 5}, "x"]}
    found = [line.data for line in parts(orjson.dumps(record), AwsApiGateway())]
    assert found == [b'{"a": 1}', b'{"message":5}', b'"x"']


def server_span(number: int) -> dict[str, Any]:
    said = {"http.request.method": "GET", "url.path": f"/{number}", "http.response.status_code": "200"}
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in said.items()]
    return {"kind": 2, "startTimeUnixNano": "1781514000123000000", "attributes": attributes}


def test_spans_that_are_no_calls_are_kept_together_and_counted(tmp_path: Path) -> None:
    spans: list[Any] = [server_span(1), {"kind": 1}, {"kind": 1}, server_span(2), {"kind": 4, "name": "hunter2"}, "x"]
    line = orjson.dumps(
        {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}, {"scopeSpans": [{"spans": [{"kind": 5}]}]}]}
    )
    file = tmp_path / "a.json"
    file.write_bytes(line)
    outlet = MemoryOutlet()
    import_file(str(file), kind="calls", publisher=outlet)
    assert [event.request.path for event in outlet.events if isinstance(event, quick(GatewayCall))] == ["/1", "/2"]
    assert [(letter.reason, letter.detail) for letter in outlet.letters] == [
        ("not_a_call", "resourceSpans: 4 spans that are no calls (1 consumer, 2 internal, 1 producer)")
    ]


def test_several_calls_in_one_line_are_not_one() -> None:
    line = orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [server_span(1), server_span(2)]}]}]})
    with pytest.raises(Rejected, match="several_calls"):
        Otlp().parse(line, Place("a.json", 1))


def test_a_large_resource_is_not_written_once_for_each_span() -> None:
    attributes = [
        {"key": "service.name", "value": {"stringValue": "shop"}},
        {"key": "x", "value": {"stringValue": "y" * 100_000}},
    ]
    spans = [server_span(number) for number in range(50)]
    line = orjson.dumps({"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": spans}]}]})
    found = parts(line, Otlp())
    assert len(found) == 50
    assert sum(len(one.data) for one in found) < len(line)
    assert {Otlp().parse(one.data, Place("a.json", 1)).upstream.service for one in found} == {"shop"}
