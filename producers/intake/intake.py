"""One request from its key to Kafka's confirmation, in this order.

1. the key, its purpose and whether it still has events to spare; 2. the body, bounded in size and time; 3. the
signature, where the vendor signs; 4. every item, validated; 5. Kafka has all of them; 6. the answer.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected, Stop, Unavailable, Unwanted
from contracts.event import Event
from producers.adapters.adapter import Place
from producers.intake.bodies import items_of
from producers.intake.contract_events import Sent, read_items
from producers.intake.counts import Counts
from producers.intake.hooks.hook import Arrived, Hook, Refused
from producers.intake.keys import Key, Ring
from producers.intake.limits import Limits, ReadingRoom, TokenBucket
from producers.intake.messages import Message, Outlet, event_message, letter_message
from producers.intake.one_identity import pseudonymous
from producers.intake.problems import ItemProblem, Problem, away, item_problem, refused_items
from producers.publisher import TOPIC_OF

AT_A_TIME = 250
"""Items that are worked on before others get their turn: about 10 ms."""
BURST_S = 2.0
"""What a key may send at once, in seconds of its rate; a batch above it is taken when nothing is owed."""
MAX_IDEMPOTENCY_CHARS = 255


@dataclass(slots=True)
class Accepted:
    """What became of the items of a request."""

    ids: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    rejected: list[ItemProblem] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The answer; what did not happen is left out."""
        said: dict[str, Any] = {"accepted": len(self.ids), "ids": self.ids}
        if self.ignored:
            said["ignored"] = dict(self.ignored)
        if self.rejected:
            said["rejected"] = [{"index": p.index, "reason": p.reason, "detail": p.detail} for p in self.rejected[:20]]
        return said


class Intake:
    """Everything a request needs; ``now`` is the time of day, ``clock`` counts seconds."""

    def __init__(
        self,
        *,
        outlet: Outlet,
        ring: Callable[[], Ring],
        secret: bytes,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        limits: Limits | None = None,
    ) -> None:
        self.outlet = outlet
        self.limits = limits or Limits()
        self.counts = Counts()
        self.room = ReadingRoom(self.limits.reading_bytes)
        self.now = now
        self._ring = ring
        self._secret = secret
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}
        self.counts.reading.set_function(lambda: self.room.taken)

    def key_of_token(self, token: str | None, purpose: str) -> Key:
        """The key that lets its holder send this; raise `Problem`."""
        if not token:
            raise Problem(401, "no_key", "give a key: Authorization: Bearer TOKEN; `hypercare keys create` makes one")
        return self._allowed(self.ring().of_token(token), purpose)

    def key_of_id(self, name: str, purpose: str) -> Key:
        """The key whose requests are signed; raise `Problem`."""
        return self._allowed(self.ring().of_id(name), purpose)

    def ring(self) -> Ring:
        """The keys as they are now; raise `Problem` when they cannot be read."""
        try:
            return self._ring()
        except Stop as stop:
            raise away(f"the keys cannot be read here: {stop.problem.partition(':')[0]}", 30) from None

    def check_rate(self, key: Key, count: int) -> None:
        """Take ``count`` events of what the key may send; raise `Problem` with the time to wait."""
        now = self._clock()
        bucket = self._buckets.get(key.id)
        if bucket is None:
            if len(self._buckets) > 2 * len(self.ring().keys) + 100:
                self._buckets.clear()  # of keys that are gone
            bucket = self._buckets[key.id] = TokenBucket(key.rate, max(1.0, key.rate * BURST_S), now)
        wait = bucket.take(count, now)
        if wait:
            raise Problem(429, "too_fast", f"this key may send {key.rate:,.10g} events a second", retry_after_s=wait)

    async def take_items(
        self, key: Key, model: type[Event], body: bytes, content_type: str | None, idempotency_key: str | None
    ) -> Accepted:
        """Events of our own contract: all of them or none."""
        items = items_of(body, content_type, self.limits)
        self.check_rate(key, len(items))
        if idempotency_key is not None and not 1 <= len(idempotency_key) <= MAX_IDEMPOTENCY_CHARS:
            raise Problem(400, "bad_idempotency_key", f"Idempotency-Key has 1 to {MAX_IDEMPOTENCY_CHARS} characters")
        sent = Sent(key, self.now(), secrets.token_hex(8), idempotency_key)
        purpose = _purpose_of(model)
        found, wrong, messages = Accepted(), list[ItemProblem](), list[Message]()
        reader = read_items(items, model, sent)
        for index, read in enumerate(reader):
            try:
                if isinstance(read, Rejected):
                    raise read
                messages.append(self._message(read, key, purpose))
                found.ids.append(read.id)
            except Rejected as rejected:
                wrong.append(item_problem(index, rejected))
            if index % AT_A_TIME == AT_A_TIME - 1:
                await asyncio.sleep(0)
        if wrong:
            raise refused_items(wrong, len(items))
        await self._deliver(messages)
        self.counts.events.labels(purpose).inc(len(messages))
        return found

    async def take_hook(self, hook: Hook, key: Key, body: bytes, headers: Mapping[str, str]) -> Accepted:
        """A vendor's request: what can be read is taken, what cannot is a dead letter, what says nothing is counted."""
        arrived = self._arrived(hook, key, body, headers)
        found, messages = Accepted(), list[Message]()
        try:
            await self._read_hook(hook, key, arrived, found, messages)
        except Unwanted as unwanted:
            found.ignored[unwanted.reason] += 1
        except Rejected as rejected:
            letter = self._letter(hook, arrived, body, rejected, 0)
            await self._deliver([letter])
            self.counts.dead_letters.labels(hook.name, rejected.reason).inc()
            raise Problem(422, "not_understood", rejected.detail, items=[item_problem(0, rejected)]) from None
        self.check_rate(key, max(1, len(messages)))
        await self._deliver(messages)
        self.counts.events.labels(hook.name).inc(len(found.ids))
        for reason, count in found.ignored.items():
            self.counts.ignored.labels(hook.name, reason).inc(count)
        for problem in found.rejected:
            self.counts.dead_letters.labels(hook.name, problem.reason).inc()
        if found.rejected and not found.ids:
            raise Problem(
                422, "not_understood", found.rejected[0].detail, items=found.rejected, wrong=len(found.rejected)
            )
        return found

    async def _read_hook(
        self, hook: Hook, key: Key, arrived: Arrived, found: Accepted, messages: list[Message]
    ) -> None:
        for index, read in enumerate(hook.read(arrived)):
            if index >= self.limits.items:
                raise Rejected("too_many_items", f"at most {self.limits.items:,} records are taken in one request")
            why = read.why if isinstance(read, Refused) else None
            if not isinstance(read, Refused | Unwanted):
                try:
                    messages.append(self._message(read, key, hook.name))
                    found.ids.append(read.id)
                except Rejected as rejected:
                    why = rejected
            if isinstance(why, Unwanted):
                found.ignored[why.reason] += 1
            elif why is not None:
                record = read.record if isinstance(read, Refused) else arrived.body
                found.rejected.append(item_problem(index, why))
                messages.append(self._letter(hook, arrived, record, why, index))
            if index % AT_A_TIME == AT_A_TIME - 1:
                await asyncio.sleep(0)

    def _message(self, event: Event, key: Key, purpose: str) -> Message:
        return event_message(pseudonymous(event, self._secret), source_of(key, purpose))

    def _letter(self, hook: Hook, arrived: Arrived, record: bytes, why: Rejected, index: int) -> Message:
        letter = DeadLetter.of_input(
            why, record, topic=TOPIC_OF[hook.event].name, stage="intake", at=arrived.at,
            source=arrived.place.source, line=index, origin=f"urn:hypercare:intake:{hook.name}",
        )  # fmt: skip
        return letter_message(letter)

    def _arrived(self, hook: Hook, key: Key, body: bytes, headers: Mapping[str, str]) -> Arrived:
        place = Place(f"webhook {hook.name}", 0, key.tenant, key.project, key.environment)
        return Arrived(body, headers, place, self.now(), key.mapping)

    async def _deliver(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        try:
            await self.outlet.deliver(messages)
        except Unavailable as unavailable:
            raise away(f"{unavailable}; send it again, it stays one event", self.limits.retry_after_s) from None

    def _allowed(self, key: Key | None, purpose: str) -> Key:
        if key is None:
            raise Problem(401, "unknown_key", "the key is not known, or was revoked")
        if not key.allows(purpose):
            made_for = ", ".join(sorted(key.purposes))
            raise Problem(403, "other_purpose", f"the key is for {made_for}, not for {purpose}")
        return key


def source_of(key: Key, purpose: str) -> str:
    """CloudEvents source of what was sent with a key."""
    return f"urn:hypercare:intake:{purpose}:{key.id}"


def _purpose_of(model: type[Event]) -> str:
    return {"GatewayCall": "calls", "Feedback": "feedback", "Signal": "signals"}[model.__name__]
