"""The proxy of the fault tests carries, cuts, and leaves nothing open, however it is ended."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator

import pytest

from tests.faults.proxy import proxy_to


@pytest.fixture
def upstream() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        yield server


def _url(server: socket.socket) -> str:
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def _client(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.settimeout(5)
    return made


def test_both_ends_close_when_one_does(upstream: socket.socket) -> None:
    with proxy_to(_url(upstream)) as proxy, _client(proxy.port) as client:
        with upstream.accept()[0] as served:
            client.sendall(b"asked")
            assert served.recv(9) == b"asked"
            served.sendall(b"answered")
            assert client.recv(9) == b"answered"
        try:
            rest = client.recv(9)
        except ConnectionResetError:
            rest = b""
    assert rest == b""


def test_a_reply_is_cut_in_half(upstream: socket.socket) -> None:
    with proxy_to(_url(upstream)) as proxy, _client(proxy.port) as client:
        proxy.reset_replies = 1
        with upstream.accept()[0] as served:
            served.sendall(b"answered")
            assert client.recv(9) == b"answ"


def test_clients_that_close_while_it_ends_leave_nothing_open(upstream: socket.socket) -> None:
    for _ in range(10):
        clients = []
        with proxy_to(_url(upstream)) as proxy:
            clients += [_client(proxy.port) for _ in range(20)]
            for client in clients:
                client.sendall(b"asked")
        for client in clients:
            client.close()
        gc.collect()  # what is left open is an unraisable ResourceWarning, and so an error of this test
