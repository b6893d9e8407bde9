"""The thread in which Faust's driver reads from Kafka; what is overridden here is private to the driver."""

from __future__ import annotations

from typing import Any, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Reads committed records only, and fetches without the driver's fixed wait."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - the driver offers no setting
        consumer._fetch_max_wait_ms = 500  # noqa: SLF001
        return consumer

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Look at fetching alone: what was idle and has new records is no failure, and the watchdog tells the rest."""
        self._verify_aiokafka_event_path(now, tp)

    def highwater(self, tp: TP) -> int:
        """Last stable offset: what a committed reader can reach."""
        return cast(int, self._ensure_consumer().last_stable_offset(tp))

    def next_offset(self, tp: TP) -> int | None:
        """Offset of the next record to be fetched; None until it is known."""
        subscription = self._ensure_consumer()._subscription.subscription  # noqa: SLF001 - the public one is a coroutine
        state = subscription.assignment.state_value(tp) if subscription and subscription.assignment else None
        return state.position if state is not None and state.has_valid_position else None
