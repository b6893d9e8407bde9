"""What the page about the client shows does what it says."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from hypercare.documented import ROOT
from hypercare.engines.mock_broker import MockBroker
from producers.client import Counts
from tests.unit.producers.client.pretended_kafka import read_all

PAGE = (ROOT / "docs" / "client.md").read_text()
README = (ROOT / "README.md").read_text()


def shown(folder: Path, bootstrap: str, number: int, page: str = PAGE) -> dict[str, Any]:
    """Run an example of the page as it stands, but for the address and the folder."""
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[number]
    assert "127.0.0.1:9092" in code
    assert "/var/spool/shop" in code
    names: dict[str, Any] = {"__name__": "shown"}
    exec(code.replace("127.0.0.1:9092", bootstrap).replace("/var/spool/shop", str(folder)), names)  # noqa: S102
    return names


def read(bootstrap: str, topic: str) -> dict[str, Any]:
    (value,) = read_all(bootstrap, topic, 1, lambda value: value.decode())
    found: dict[str, Any] = orjson.loads(value)
    return found


def test_the_first_example_sends_all_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MockBroker() as broker:
        broker.create([FEEDBACK.name, GATEWAY.name, SIGNALS.name])
        shown(tmp_path, broker.bootstrap, 0)
        assert capsys.readouterr().out == f"{Counts(sent=3)}\n"
        assert read(broker.bootstrap, FEEDBACK.name)["rating"] == {"scale": "stars", "value": 1.0}
        assert read(broker.bootstrap, GATEWAY.name)["response"]["status"] == 502
        assert read(broker.bootstrap, SIGNALS.name)["deployment"]["release"] == "2.4.1"
    assert list(tmp_path.iterdir()) == []


def test_the_asgi_example_reports_its_request(tmp_path: Path) -> None:
    async def ask(names: dict[str, Any]) -> int:
        transport = httpx.ASGITransport(app=names["app"])
        async with httpx.AsyncClient(transport=transport, base_url="https://shop.example.com") as browser:
            answer = await browser.get("/orders/42")
        assert await names["client"].close()
        return answer.status_code

    with MockBroker() as broker:
        broker.create([GATEWAY.name])
        assert asyncio.run(ask(shown(tmp_path, broker.bootstrap, 1))) == 200
        call = read(broker.bootstrap, GATEWAY.name)
    assert (call["request"]["route"], call["upstream"]["service"]) == ("/orders/{number}", "orders")


def test_the_wsgi_example_reports_its_request(tmp_path: Path) -> None:
    with MockBroker() as broker:
        broker.create([GATEWAY.name])
        names = shown(tmp_path, broker.bootstrap, 2)
        transport = httpx.WSGITransport(app=names["application"])
        with httpx.Client(transport=transport, base_url="https://shop.example.com") as browser:
            assert browser.get("/orders/42").text == "ok"
        assert names["client"].close()
        call = read(broker.bootstrap, GATEWAY.name)
    assert (call["request"]["route"], call["request"]["path"]) == ("/orders/{number}", "/orders/42")


def test_the_readme_shows_the_same_client(tmp_path: Path) -> None:
    (section,) = re.findall(r"From an application.*?```python\n.*?```", README, re.DOTALL)
    with MockBroker() as broker:
        broker.create([FEEDBACK.name])
        shown(tmp_path, broker.bootstrap, 0, section)
        assert read(broker.bootstrap, FEEDBACK.name)["text"] == "The pay button spins for ever"


def test_every_reason_to_drop_has_its_line() -> None:
    source = "".join(file.read_text() for file in (ROOT / "producers" / "client").glob("*.py"))
    reasons = set(re.findall(r'(?:dropped|_drop)\([^"()]*"(\w+)"', source)) | {"torn"}
    assert {"spool_full", "too_old", "queue_full", "closed"} <= reasons
    assert {reason for reason in reasons if f"`{reason}`" not in PAGE} == set()
