"""What the intake answers when it does not take something: problem details (RFC 9457).

A 4xx can never succeed and should not be sent again as it is; 429 and 503 may, after ``Retry-After`` seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.errors import HypercareError, Rejected

MEDIA_TYPE = "application/problem+json"
MOST_ITEMS = 20
"""Of the items of a batch that are wrong, so many are told one by one."""
_PLACED = frozenset({"invalid_field", "missing_field", "invalid_time", "invalid_status", "foreign_owner"})
"""Reasons whose detail begins with the field."""
TITLES = {
    400: "The request cannot be read",
    401: "The sender is not known",
    403: "The key does not allow this",
    404: "There is nothing here",
    405: "This method is not offered here",
    408: "The request took too long to arrive",
    413: "The request is too large",
    415: "The content is of a kind that is not taken",
    422: "What was sent is not right",
    429: "Too much at once",
    500: "Something went wrong here",
    503: "Nothing can be taken at the moment",
}


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """What is wrong with one item; ``index`` counts from 0, ``field`` is empty where the item as a whole is meant."""

    index: int
    reason: str
    field: str
    detail: str


class Problem(HypercareError):  # noqa: N818 - an answer, not a malfunction
    """An answer other than success. ``reason`` is a stable code to count by; never holds what was sent."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        items: Sequence[ItemProblem] = (),
        wrong: int = 0,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{status} {reason}: {detail}")
        self.status = status
        self.reason = reason
        self.detail = detail
        self.items = tuple(items)
        self.wrong = wrong or len(self.items)
        self.retry_after_s = retry_after_s

    def body(self) -> bytes:
        """The document of media type ``application/problem+json``."""
        said: dict[str, Any] = {
            "type": f"urn:hypercare:problem:{self.reason}",
            "title": TITLES.get(self.status, "Not taken"),
            "status": self.status,
            "detail": self.detail,
        }
        if self.items:
            said["wrong"] = self.wrong
            said["errors"] = [
                {"index": one.index, "reason": one.reason, "field": one.field, "detail": one.detail}
                for one in self.items
            ]
        return orjson.dumps(said)

    def headers(self) -> dict[str, str]:
        """``Retry-After`` where it may succeed later, the scheme where a key is missing."""
        said: dict[str, str] = {}
        if self.retry_after_s is not None:
            said["Retry-After"] = str(max(1, round(self.retry_after_s)))
        if self.status == 401:  # noqa: PLR2004 - RFC 9110, 15.5.2
            said["WWW-Authenticate"] = "Bearer"
        return said


def item_problem(index: int, rejected: Rejected) -> ItemProblem:
    """Name the field of an item that was refused."""
    placed = rejected.reason in _PLACED
    field = rejected.detail.partition(":")[0] if placed else ""
    return ItemProblem(index, rejected.reason, "" if field == "event" else field, rejected.detail)


def refused_items(items: Sequence[ItemProblem], total: int) -> Problem:
    """Nothing of the request was taken, because some items are wrong."""
    first = items[0]
    detail = (
        f"{len(items)} of {total} items cannot be taken, so none was; the first is item {first.index}: {first.detail}"
        if total > 1
        else first.detail or first.reason
    )
    return Problem(422, "invalid_events", detail, items=items[:MOST_ITEMS], wrong=len(items))


def away(detail: str, retry_after_s: float) -> Problem:
    """It may be taken later."""
    return Problem(503, "unavailable", detail, retry_after_s=retry_after_s)
