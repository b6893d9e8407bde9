"""Ship files that grow: what is read goes to Kafka, and then the position moves.

1. look which files are there; 2. read whole lines; 3. make events, or dead letters, of them; 4. send; 5. when Kafka has
confirmed all lines before a place, keep that place. After a crash between 4 and 5 the same lines are sent again, as the
same events: their ids come from the file's identity and the place of the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from contracts.dead_letters import Headers
from contracts.errors import Stop, Unavailable
from contracts.topic import DEAD_LETTER_SUFFIX
from hypercare.shipping.parsers import Parser
from hypercare.shipping.ports import F, Followed, Following, Writer
from hypercare.shipping.shipped import Shipped, late_in
from producers.importing import TOPIC_OF_KIND
from producers.ship.block import Block
from producers.ship.follow import SETTLED_S
from producers.ship.parse import Encoded, Owner, Parsed
from producers.ship.positions import Positions

SCAN_EVERY_S = 0.5
SAVE_EVERY_S = 1.0
IDLE_S = 0.2
TELL_EVERY_S = 60.0
MOST_BYTES_UNDER_WAY = 33_554_432
"""Read and not yet confirmed: enough to keep a broker busy for a second, whatever happens to it."""
TRIES_ONCE = 3
AGAIN_AFTER_S = (1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass(slots=True)
class _OnItsWay:
    tail: Followed
    block: Block
    left: int
    size: int
    events: int
    letters: int
    late: int
    old: int


class Shipment(Generic[F]):
    """One run of a shipper."""

    def __init__(
        self,
        follower: Following[F],
        positions: Positions,
        owner: Owner,
        origin: str,
        *,
        parser: Parser,
        writer: Callable[[], Writer],
        prefix: str = "",
        clock: Callable[[], float],
        say: Callable[[str], None],
    ) -> None:
        self.shipped = Shipped()
        self._follower, self._positions, self._owner = follower, positions, owner
        self._parser, self._new_writer, self._clock, self._say = parser, writer, clock, say
        self._writer = writer()
        self._topic = prefix + owner.topic
        kind = TOPIC_OF_KIND[owner.kind].events[0]
        self._before: Headers = [("ce_specversion", b"1.0"), ("ce_type", kind.ce_type.encode())]
        self._after: Headers = [("ce_source", origin.encode()), ("content-type", b"application/json")]
        self._turn, self._bytes, self._error, self._failures = 0, 0, "", 0
        self._moved: dict[str, Followed] = {}
        self._stopping = False

    def stop(self) -> None:
        """End soon: what is on its way is waited for."""
        self._stopping = True

    def run(self, *, once: bool = False) -> None:
        """Ship until told to stop; ``once`` only to the end of what is there."""
        told = self._clock()
        scanned = saved = told - TELL_EVERY_S
        last_told, idle_since = self._numbers(), 0.0
        while not self._stopping:
            now = self._clock()
            if now - scanned >= SCAN_EVERY_S:
                self._follower.scan(now)
                scanned = now
            busy = self._step(now, once=once)
            if now - saved >= SAVE_EVERY_S:
                self._save(now)
                saved = now
            if now - told >= TELL_EVERY_S and self._numbers() != last_told:
                told, last_told = now, self._numbers()
                self._say(self.words())
            self._pass_on_notices()
            idle_since = 0.0 if busy else idle_since or now
            if once and not busy and self._at_end(now - idle_since):
                break
            if not busy:
                self._writer.wait(IDLE_S)
        self._finish()

    def words(self) -> str:
        """Where things stand, in a line."""
        done, tails = self.shipped, self._follower.tails.values()
        behind = sum(tail.waiting() for tail in tails)
        return (
            f"{done.events:,} events and {done.letters:,} dead letters shipped, {len(tails)} followed, "
            f"{behind:,} bytes to read"
        )

    def _numbers(self) -> tuple[int, int]:
        return self.shipped.events, self.shipped.letters

    def _at_end(self, idle_s: float) -> bool:
        """Nothing comes any more; a last line without a newline is waited for until it can be taken as it is."""
        tails = self._follower.tails.values()
        searching = any(tail.searching() for tail in tails)
        whole = not any(tail.waiting() for tail in tails)
        return not searching and idle_s > (SCAN_EVERY_S if whole else SETTLED_S + 1)

    def _step(self, now: float, *, once: bool) -> bool:
        """Read, parse and send as much as may be under way; tell whether there was anything to do."""
        if self._error:
            self._check_curable(once=once)
            self._begin_again()
        busy = False
        for tail in list(self._follower.tails.values()):
            while not self._parser.full() and self._bytes < MOST_BYTES_UNDER_WAY:
                block = tail.next_block(last=self._follower.is_last(tail, now))
                if block is None:
                    break
                busy = True
                self._parser.take(block, tail.adapter)
            busy = self._send_ready() or busy
        self._writer.wait(IDLE_S if self._bytes >= MOST_BYTES_UNDER_WAY else 0)
        return busy or not all(tail.progress.idle for tail in self._follower.tails.values())

    def _send_ready(self) -> bool:
        sent = False
        while read := self._parser.give():
            self._send(*read)
            sent = True
        return sent

    def _send(self, block: Block, parsed: Parsed) -> None:
        tail = self._follower.tails[block.identity]
        tail.read_as(parsed.adapter)
        self._count(block, parsed)
        events, letters = len(parsed.events), len(parsed.letters)
        way = _OnItsWay(
            tail,
            block,
            1 + events + letters,
            block.end - block.start,
            events,
            letters,
            *late_in(parsed, self._owner, self._clock()),
        )
        self._bytes += way.size
        then = self._confirmed(way)
        try:
            for event in parsed.events:
                self._writer.write(self._topic, event.key, event.value, self._headers(event), then)
            for value, headers in parsed.letters:
                self._writer.write(self._topic + DEAD_LETTER_SUFFIX, None, value, headers, then)
        except Unavailable as away:
            self._error = str(away)
        then("", "")  # the block itself, for it may hold blank lines only

    def _headers(self, event: Encoded) -> Headers:
        return [*self._before, ("ce_id", event.id), ("ce_time", event.time), *self._after]

    def _confirmed(self, way: _OnItsWay) -> Callable[[str, str], None]:
        turn = self._turn

        def then(_: str, error: str) -> None:
            if turn != self._turn:
                return  # from before it began again
            if error:
                self._error = self._error or error
                return
            way.left -= 1
            if not way.left:
                self._bytes -= way.size
                self.shipped.events += way.events
                self.shipped.letters += way.letters
                self.shipped.late += way.late
                self.shipped.old += way.old
                if way.tail.progress.done(way.block):
                    self._moved[way.tail.identity] = way.tail
                self._failures = 0

        return then

    def _count(self, block: Block, parsed: Parsed) -> None:
        done = self.shipped
        done.reasons.update(parsed.reasons)
        done.formats.setdefault(block.path, parsed.adapter)
        room = 3 - len(done.first_rejections)
        done.first_rejections += [(block.path, *said) for said in parsed.first_rejections[: max(0, room)]]

    def _check_curable(self, *, once: bool) -> None:
        if "Unknown topic" in self._error:
            raise Stop(f"Kafka has no topic {self._topic}.", fix="make it with `hypercare topics apply`")
        if once and self._failures >= TRIES_ONCE:
            raise Stop(
                f"Kafka did not take everything, {TRIES_ONCE} times: {self._error}",
                fix="start again when it answers: it goes on where Kafka has everything",
            )

    def _begin_again(self) -> None:
        """Kafka did not take everything: read again from what it confirmed, later and later."""
        wait_s = AGAIN_AFTER_S[min(self._failures, len(AGAIN_AFTER_S) - 1)]
        self._say(f"Kafka did not take everything ({self._error}): reading on from what it has, in {wait_s:.0f} s")
        self._failures += 1
        self._turn += 1
        self._error, self._bytes = "", 0
        self.shipped.again += 1
        self._parser.forget()
        for tail in self._follower.tails.values():
            tail.rewind()
        end = self._clock() + wait_s
        while not self._stopping and self._clock() < end:
            self._writer.wait(IDLE_S)
        self._writer = self._new_writer()

    def _pass_on_notices(self) -> None:
        while self._follower.notices:
            self._say(self._follower.notices.pop(0))

    def _save(self, now: float) -> None:
        moved, self._moved = self._moved, {}
        for tail in moved.values():
            self._positions.save(tail.position(now))

    def _finish(self) -> None:
        """Wait for what is on its way, keep the positions, let go."""
        try:
            self._send_ready()
            self._writer.flush()
        finally:
            self._save(self._clock())
            self._parser.close()
            self._follower.close()
        if self._error:
            raise Unavailable(f"Kafka did not take everything: {self._error}; the positions are where it did")
