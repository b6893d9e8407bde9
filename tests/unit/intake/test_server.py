"""The server on loopback: slow and huge senders, a clean stop, TLS."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.intake.serve import check_door, check_origins
from producers.intake.limits import Limits
from producers.intake.messages import MemoryOutlet, Message
from producers.intake.server import Door, server_for
from tests.unit.intake.desk import TOKEN, Desk

BODY = b'{"text": "The pay button spins for ever"}'
HEAD = (
    b"POST /v1/feedback HTTP/1.1\r\nHost: intake.example.com\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer " + TOKEN.encode() + b"\r\n"
)
WITHIN_S = 10.0


class SlowOutlet(MemoryOutlet):
    """Takes half a second, as a broker may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    async def deliver(self, messages: Sequence[Message]) -> None:
        self.begun.set()
        await asyncio.sleep(0.5)
        await super().deliver(messages)


@contextmanager
def serving(desk: Desk, door: Door | None = None) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = server_for(desk.app, door or Door(port=0), desk.intake.limits)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_for(lambda: server.started)
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(WITHIN_S)
        listening.close()
        assert not thread.is_alive()


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)


def whole(*, length: int = len(BODY)) -> bytes:
    return HEAD + f"Content-Length: {length}\r\n\r\n".encode()


def answered(sock: socket.socket) -> tuple[int, bytes]:
    """Status and the rest of what comes, until the connection or the answer ends."""
    said = b""
    while b"\r\n\r\n" not in said or len(said.partition(b"\r\n\r\n")[2]) < _length(said):
        part = sock.recv(65_536)
        if not part:
            break
        said += part
    return int(said.split(b" ", 2)[1]) if said else 0, said.partition(b"\r\n\r\n")[2]


def _length(said: bytes) -> int:
    found = [line for line in said.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(found[0].split(b":")[1]) if found else 0


def test_two_requests_on_one_connection() -> None:
    desk = Desk()
    with serving(desk) as port, connected(port) as sock:
        for _ in range(2):
            sock.sendall(whole() + BODY)
            assert answered(sock)[0] == 202
    assert len(desk.outlet.messages) == 2


@pytest.mark.parametrize("start", [b"", b"POST /v1/feed", whole()[:-2]], ids=["nothing", "a line", "most of it"])
def test_a_header_that_does_not_end_is_hung_up_on(start: bytes) -> None:
    desk = Desk(limits=Limits(header_s=0.3))
    with serving(desk) as port, connected(port) as sock:
        began = time.monotonic()
        sock.sendall(start)
        for _ in range(4):  # a byte now and then does not help
            time.sleep(0.05)
            sock.sendall(b"x" * bool(start))
        assert ended(sock)
        assert 0.2 < time.monotonic() - began < 3


def test_a_second_header_that_does_not_end_is_hung_up_on_too() -> None:
    desk = Desk(limits=Limits(header_s=0.3))
    with serving(desk) as port, connected(port) as sock:
        sock.sendall(whole() + BODY)
        assert answered(sock)[0] == 202
        time.sleep(0.5)  # resting between requests is fine
        sock.sendall(whole() + BODY)
        assert answered(sock)[0] == 202
        sock.sendall(b"POST /v1")
        assert ended(sock)


def ended(sock: socket.socket) -> bool:
    try:
        return sock.recv(100) == b""
    except ConnectionResetError:
        return True


def test_a_body_that_does_not_end_is_a_problem() -> None:
    desk = Desk(limits=Limits(body_s=0.3, header_s=0.3))
    with serving(desk) as port, connected(port) as sock:
        sock.sendall(whole() + BODY[:10])
        status, said = answered(sock)
        assert (status, json.loads(said)["type"]) == (408, "urn:hypercare:problem:too_slow")
        sock.sendall(b"x")
        time.sleep(0.5)
        assert ended(sock), "who goes on sending for ever after the answer is hung up on"
    assert desk.intake.room.taken == 0


@pytest.mark.parametrize(
    "start",
    [HEAD + b"X-Long: ", HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Long: "],
    ids=["header", "trailer"],
)
def test_what_stands_around_a_body_is_bounded(start: bytes) -> None:
    desk = Desk()
    with serving(desk) as port, connected(port) as sock:
        sock.sendall(start)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            sock.sendall(b"x" * 100_000_000)


def test_a_body_in_chunks_of_a_byte_is_a_body() -> None:
    desk = Desk()
    large = b'{"text": "' + b"The pay button spins for ever. " * 4_000 + b'"}'
    with serving(desk) as port, connected(port) as sock:
        sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        sock.sendall(b"".join(b"1\r\n%c\r\n" % byte for byte in large) + b"0\r\n\r\n")
        assert answered(sock)[0] == 202


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET / HTTP/7.7\r\n\r\n", b"\x00" * 100])
def test_what_is_no_http_is_told_so(said: bytes) -> None:
    desk = Desk()
    with serving(desk) as port, connected(port) as sock:
        sock.sendall(said)
        status, problem = answered(sock)
        assert (status, json.loads(problem)["type"]) == (400, "urn:hypercare:problem:not_http")
        assert ended(sock)


def test_requests_sent_before_the_answers_are_answered_in_turn() -> None:
    desk = Desk()
    with serving(desk) as port, connected(port) as sock:
        sock.sendall((whole() + BODY) * 20)
        said = b""
        while said.count(b"HTTP/1.1 202") < 20:
            said += sock.recv(65_536)
    assert len(desk.outlet.messages) == 20


def test_fifty_megabytes_are_refused_before_they_are_read() -> None:
    desk = Desk()
    with serving(desk) as port, connected(port) as sock:
        sock.sendall(whole(length=50_000_000))
        assert answered(sock)[0] == 413
    assert desk.intake.room.taken == 0


def test_fifty_megabytes_without_a_length_end_at_the_limit() -> None:
    desk = Desk(limits=Limits(body_bytes=100_000))
    chunk = b"%x\r\n" % 10_000 + b"x" * 10_000 + b"\r\n"
    with serving(desk) as port, connected(port) as sock:
        sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 50)
        assert answered(sock)[0] == 413
    assert desk.intake.room.taken == 0
    assert desk.outlet.messages == []


def test_one_connection_too_many_is_told_to_come_again() -> None:
    desk = Desk(limits=Limits(connections=1))
    with serving(desk) as port, connected(port) as first:
        first.sendall(whole() + BODY)
        assert answered(first)[0] == 202
        with connected(port) as second:
            status, said = answered(second)
            assert (status, json.loads(said)["type"]) == (503, "urn:hypercare:problem:unavailable")
            assert ended(second)
        first.sendall(whole() + BODY)
        assert answered(first)[0] == 202


def test_what_is_no_http_is_refused() -> None:
    with serving(Desk()) as port, connected(port) as sock:
        sock.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        assert answered(sock)[0] == 400


def test_a_stop_lets_requests_under_way_end() -> None:
    desk, slow = Desk(), SlowOutlet()
    desk.intake.outlet = slow
    with serving(desk) as port:
        sock = connected(port)
        sock.sendall(whole() + BODY)
        assert slow.begun.wait(WITHIN_S)
    assert answered(sock)[0] == 202
    sock.close()
    assert len(slow.messages) == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_tls(tmp_path: Path) -> None:
    certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
        f"-keyout {private} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    door = Door("0.0.0.0", 0, certificate, private)  # noqa: S104 - only looked at
    check_door(door, without_tls=False)
    trusting = ssl.create_default_context(cafile=certificate)
    with (
        serving(Desk(), door) as port,
        connected(port) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as sock,
    ):
        sock.sendall(whole() + BODY)
        assert answered(sock)[0] == 202
    with pytest.raises(Stop, match="cannot be used"):
        check_door(Door("127.0.0.1", 0, private, certificate), without_tls=False)


def test_keys_do_not_travel_readable_by_mistake() -> None:
    with pytest.raises(Stop, match="without TLS"):
        check_door(Door("192.0.2.1"), without_tls=False)
    with pytest.raises(Stop, match="needs both"):
        check_door(Door(certificate=Path("cert.pem")), without_tls=False)
    check_door(Door("192.0.2.1"), without_tls=True)
    check_door(Door("::1"), without_tls=False)
    check_origins(["https://shop.example.com", "http://localhost:3000"])
    for wrong in ("*", "shop.example.com", "https://shop.example.com/", "https://*.example.com"):
        with pytest.raises(Stop, match="no origin"):
            check_origins([wrong])
