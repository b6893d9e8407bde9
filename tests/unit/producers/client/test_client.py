"""The client: what it takes, what it refuses, and what becomes of it while Kafka comes and goes."""

from __future__ import annotations

import asyncio
import errno
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from contracts.calls import GatewayCall, Request, Response
from contracts.errors import Rejected, Stop
from contracts.feedback import Feedback
from contracts.topics import FEEDBACK
from hypercare.engines.mock_broker import MockBroker
from producers.client import AsyncClient, Client, SpoolLimits, segments
from producers.client.counts import Tally
from producers.client.sender import Sender, Setup
from tests.unit.producers.client.pretended_kafka import PretendedKafka, named, read_all, said, unique

NOWHERE = "127.0.0.1:1"
"""Nothing listens on it."""


def until(true: Callable[[], bool], patience_s: float = 20.0) -> bool:
    end = time.monotonic() + patience_s
    while not (holds := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds


def sender_for(kafka: PretendedKafka, folder: Path, tally: Tally | None = None) -> Sender:
    folder.mkdir(exist_ok=True)
    return Sender(Setup(kafka.publisher, "urn:shop:web", folder, SpoolLimits()), tally or Tally())


def give(sender: Sender, names: list[str]) -> None:
    for name in names:
        sender.offer(said(name), 100)


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[Client]:
    client = Client(NOWHERE, source="urn:shop:web", spool=tmp_path / "spool", project="shop")
    yield client
    client.close(0)


def test_everything_is_sent_in_order_while_kafka_is_there(tmp_path: Path) -> None:
    kafka = PretendedKafka()
    sender = sender_for(kafka, tmp_path)
    give(sender, named(2_000))
    assert sender.flush(20)
    assert kafka.ids == named(2_000)
    assert (sender.counts().sent, sender.counts().spooled, sender.counts().waiting) == (2_000, 0, 0)
    sender.close(5)
    assert list(tmp_path.iterdir()) == []


def test_while_kafka_is_away_events_wait_on_the_disk_and_go_in_order_afterwards(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kafka = PretendedKafka()
    sender = sender_for(kafka, tmp_path)
    give(sender, named(10))
    assert sender.flush(20)
    kafka.away = True
    with caplog.at_level(logging.WARNING, "hypercare.client"):
        give(sender, named(1_500, 10))
        assert until(lambda: sender.counts().spooled == 1_500)
        assert not sender.flush(0.5)
        kafka.away = False
        give(sender, named(10, 1_510))
        assert sender.flush(20)
    assert unique(kafka.ids) == named(1_520)
    assert sender.counts().sent == 1_520
    sender.close(5)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2, "once when it went, once when it came"


def test_what_waits_is_sent_by_the_next_process(tmp_path: Path) -> None:
    kafka = PretendedKafka(away=True)
    first = sender_for(kafka, tmp_path)
    give(first, named(700))
    first.close(0.2)
    assert (first.counts().waiting, kafka.ids) == (700, [])
    kafka.away = False
    second = sender_for(kafka, tmp_path)
    give(second, named(5, 700))
    assert second.flush(20)
    second.close(5)
    assert unique(kafka.ids) == named(705)
    assert list(tmp_path.iterdir()) == []


def test_two_that_live_beside_each_other_send_everything_once(tmp_path: Path) -> None:
    kafka = PretendedKafka(away=True)
    both = [sender_for(kafka, tmp_path), sender_for(kafka, tmp_path)]
    for number, sender in enumerate(both):
        give(sender, named(300, 300 * number))
        assert until(lambda sender=sender: sender.counts().spooled == 300)  # type: ignore[misc]
    kafka.away = False
    assert all(sender.flush(20) for sender in both)
    for sender in both:
        sender.close(5)
    assert sorted(kafka.ids) == named(600)


def test_what_the_broker_finds_too_large_does_not_hold_up_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.client.sender.RETRY_S", 0.01)
    kafka, tally = PretendedKafka(most_bytes=5_000), Tally()
    sender = sender_for(kafka, tmp_path, tally)
    give(sender, named(5))
    sender.offer(said("large", "x" * 6_000), 6_000)
    give(sender, named(5, 5))
    assert until(lambda: sender.flush(1))
    sender.close(5)
    assert unique(kafka.ids) == named(10)
    assert tally.seen(0).dropped == {"broker_too_large": 1}


def test_a_publisher_that_cannot_even_be_made_stops_nobody(tmp_path: Path) -> None:
    def broken() -> PretendedKafka:
        raise OSError("no such certificate")

    sender = Sender(Setup(broken, "urn:shop:web", tmp_path, SpoolLimits()), Tally())  # type: ignore[arg-type]
    give(sender, named(3))
    assert until(lambda: sender.counts().spooled == 3)
    sender.close(0)
    assert sender.counts().waiting == 3


def test_after_the_end_events_are_counted_and_nothing_is_raised(nowhere: Client) -> None:
    nowhere.close(0)
    nowhere.feedback("Too late")
    assert nowhere.counts.dropped == {"closed": 1}
    assert not nowhere.flush(0.1) or nowhere.counts.waiting == 0


def test_fields_make_events_of_the_application_s_own_project(nowhere: Client) -> None:
    taken: list[object] = []
    nowhere.offer = lambda event: taken.append(event) or event.id  # type: ignore[func-returns-value, method-assign]
    at = datetime(2026, 6, 15, 9, tzinfo=UTC)
    nowhere.feedback("Paying fails", rating={"scale": "stars", "value": 1}, id="f-1", occurred_at=at)
    nowhere.call(request={"method": "GET", "path": "/a"}, response={"status": 502}, id="c-1", occurred_at=at)
    nowhere.signal("deployment", service="pay", deployment={"release": "2.4.1"})
    whole = GatewayCall(id="c-2", occurred_at=at, request=Request(), response=Response(status=200))
    nowhere.call(whole)
    first, second, third, fourth = taken
    assert isinstance(first, Feedback)
    assert (first.project, first.rating and first.rating.value) == ("shop", 1)
    assert isinstance(second, GatewayCall)
    assert second.response.status == 502
    assert abs((third.occurred_at - datetime.now(UTC)).total_seconds()) < 60  # type: ignore[attr-defined]
    assert fourth is whole


@pytest.mark.parametrize(
    ("wrong", "reason", "words"),
    [
        (lambda c: c.feedback("x", ratting=1), "unknown_field", "ratting is no field of Feedback; is rating meant?"),
        (lambda c: c.feedback("x", rating={"scale": "stars", "value": 99}), "invalid_field", "rating.value: "),
        (lambda c: c.feedback("x", rating={"scale": "stars", "value": 9}), "invalid_field", "stars goes from 1 to 5"),
        (lambda c: c.feedback("x", occurred_at=datetime(2026, 6, 15)), "invalid_field", "occurred_at: "),  # noqa: DTZ001
        (lambda c: c.feedback(None), "invalid_field", "text: "),
        (lambda c: c.feedback("x" * 1_000_000), "invalid_field", "text: "),
        (lambda c: c.feedback("a\x00b"), "unstorable_character", "NUL"),
        (lambda c: c.feedback("\ud800"), "invalid_field", "text: "),
        (lambda c: c.call(request={}), "invalid_field", "response: Field required"),
        (lambda c: c.signal("deployment"), "invalid_field", "needs the field deployment"),
        (lambda c: c.signal("party"), "invalid_field", "kind: "),
        (lambda c: c.call(said("f-1")), "invalid_type", "a Feedback is no GatewayCall"),
        (lambda c: c.feedback(said("f-1"), channel="chat"), "invalid_type", "not both"),
    ],
)
def test_what_is_wrong_is_said_at_once(
    nowhere: Client, wrong: Callable[[Client], str], reason: str, words: str
) -> None:
    with pytest.raises(Rejected) as caught:
        wrong(nowhere)
    assert caught.value.reason == reason
    assert words in caught.value.detail
    assert nowhere.counts.refused == {reason: 1}


def test_names_are_held_against_the_contract_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="project: "):
        Client(NOWHERE, source="urn:shop:web", spool=tmp_path, project="My Shop")
    with pytest.raises(Stop, match="bootstrap"):
        Client("", source="urn:shop:web", spool=tmp_path)


def test_on_a_true_broker_what_waited_comes_first_and_then_the_rest(tmp_path: Path) -> None:
    with Client(NOWHERE, source="urn:shop:web", spool=tmp_path, project="shop") as client:
        for name in named(20):
            client.feedback("Paying fails", id=name)
        assert not client.close(0.1)
    with MockBroker() as broker:
        broker.create([FEEDBACK.name])

        async def more() -> bool:
            async with AsyncClient(broker.bootstrap, source="urn:shop:web", spool=tmp_path, project="shop") as client:
                for name in named(20, 20):
                    await client.feedback("Paying fails", id=name)
                return await client.flush(20)

        assert asyncio.run(more())
        found = read_all(broker.bootstrap, FEEDBACK.name, 40, lambda value: str(orjson.loads(value)["id"]))
    assert found == named(40), "one key, one partition: in order"
    assert list(tmp_path.iterdir()) == []


def test_when_a_true_broker_dies_nobody_notices_but_the_spool(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    slowest = 0.0
    with MockBroker() as broker:
        broker.create([FEEDBACK.name])
        client = Client(broker.bootstrap, source="urn:shop:web", spool=tmp_path, project="shop")
        for name in named(5):
            client.feedback("Paying fails", id=name)
        assert client.flush(20)
    for name in named(200, 5):
        began = time.monotonic()
        client.feedback("Paying fails", id=name)
        slowest = max(slowest, time.monotonic() - began)
    assert until(lambda: client.counts.spooled == 200)
    assert not client.close(0.5)
    assert (client.counts.sent, client.counts.waiting, client.counts.dropped) == (5, 200, {})
    assert slowest < 1.0, "the application did not wait for Kafka"
    assert "%" not in capfd.readouterr().err, "librdkafka keeps quiet"
    kafka = PretendedKafka()
    sender = sender_for(kafka, tmp_path)
    assert sender.flush(20)
    sender.close(5)
    assert kafka.ids == named(200, 5)


KILLED = """
import sys, time
from producers.client import Client
client = Client("127.0.0.1:1", source="urn:shop:web", spool=sys.argv[1], project="shop")
number = 0
while True:
    client.feedback("Paying fails", id=f"f-{number:05d}")
    number += 1
    if number % 50 == 0:
        time.sleep(0.01)
        print(client.counts.spooled, flush=True)
"""


def test_a_process_killed_in_the_middle_of_writing_loses_nothing_of_what_was_on_the_disk(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    spooled = 0
    while spooled < 1_000:
        spooled = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    process.stdout.close()
    kafka = PretendedKafka()
    sender = sender_for(kafka, tmp_path)
    assert sender.flush(30)
    sender.close(5)
    assert len(kafka.ids) >= spooled
    assert unique(kafka.ids) == named(len(kafka.ids))


def _forked(client: Client, answer: str) -> None:
    client.feedback("From the child", id="child")
    client.close(0)
    Path(answer).write_text(str(client.counts.waiting))


@pytest.mark.filterwarnings("ignore:This process")  # a process with threads is forked, which is what is tried
def test_it_goes_on_in_a_process_that_is_forked_off(tmp_path: Path, nowhere: Client) -> None:
    nowhere.feedback("From the parent", id="parent")
    assert until(lambda: nowhere.counts.spooled == 1)
    child = multiprocessing.get_context("fork").Process(target=_forked, args=(nowhere, str(tmp_path / "answer")))
    child.start()
    child.join(30)
    assert (tmp_path / "answer").read_text() == "1"
    nowhere.close(0)
    kafka = PretendedKafka()
    sender = sender_for(kafka, tmp_path / "spool")
    assert sender.flush(20)
    sender.close(5)
    assert sorted(kafka.ids) == ["child", "parent"]


def test_a_program_that_just_ends_leaves_nothing_behind_in_memory(tmp_path: Path) -> None:
    code = (
        "from producers.client import Client\n"
        f"Client({NOWHERE!r}, source='urn:x', spool={str(tmp_path)!r}).feedback('bye', id='f-00000')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60, env=os.environ)
    assert ended.stdout == b""
    kafka = PretendedKafka()
    sender = sender_for(kafka, tmp_path)
    assert sender.flush(20)
    sender.close(5)
    assert kafka.ids == named(1)


def test_a_spool_that_cannot_be_read_just_now_is_sent_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kafka, tally = PretendedKafka(away=True), Tally()
    sender = sender_for(kafka, tmp_path, tally)
    give(sender, named(5))
    assert until(lambda: tally.seen(0).spooled == 5)
    read, refused = segments.head, iter(range(2))

    def head(segment: segments.Segment, most: int) -> list[bytes]:
        if next(refused, None) is not None:
            raise OSError(errno.EMFILE, "Too many open files")
        return read(segment, most)

    monkeypatch.setattr(segments, "head", head)
    kafka.away = False
    assert until(lambda: kafka.ids == named(5))
    sender.close(5)
    assert tally.seen(0).failed == {"spool_read": 2}
    assert tally.seen(0).dropped == {}


def test_a_line_that_is_no_event_is_counted_once_however_often_it_is_tried(tmp_path: Path) -> None:
    kafka, tally = PretendedKafka(away=True), Tally()
    sender = sender_for(kafka, tmp_path, tally)
    give(sender, named(2))
    assert until(lambda: tally.seen(0).spooled == 2)
    sender.close(0)
    (file,) = tmp_path.glob("*.ndjson")
    file.write_bytes(b"[]\n" + file.read_bytes())
    kafka.away = True
    sender = sender_for(kafka, tmp_path, tally)
    made = kafka.made
    assert until(lambda: kafka.made > made + 1), "it was tried more than once"
    kafka.away = False
    assert until(lambda: kafka.ids == named(2))
    sender.close(5)
    assert tally.seen(0).dropped == {"spool_unreadable": 1}
