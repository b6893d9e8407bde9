"""What waits for a broker that is away can be told to give up."""

from __future__ import annotations

import socket
import threading

from contracts.errors import Unavailable
from processors.runtime.transactions import Transactions


def test_whoever_waits_for_a_broker_gives_up_when_the_partition_is() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        away = f"127.0.0.1:{listener.getsockname()[1]}"  # nobody listens there any more
    transactions = Transactions(away, transactional_id="t", topic_prefix="", state="state", partition=0)
    found: list[BaseException] = []

    def take_over() -> None:
        try:
            transactions.take_over()
        except Unavailable as error:
            found.append(error)

    thread = threading.Thread(target=take_over)
    thread.start()
    transactions.close()
    thread.join(30)
    assert not thread.is_alive()
    assert "given up" in str(found[0])
