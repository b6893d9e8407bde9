"""How much of anything one event may carry; whatever enters is held to these."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

MAX_EVENT_BYTES = 1_048_576  # Kafka's own default for a message: what fits a stock cluster
MAX_TEXT_CHARS = 200_000  # a long mail thread; the feedback stage refuses far earlier
MAX_ATTRIBUTES = 64
MAX_ATTEMPTS = 20
MAX_ATTACHMENTS = 50

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(max_length=300)]
Line = Annotated[str, StringConstraints(max_length=8_192)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,62}$")]
"""Tenant, project or environment: it becomes part of index names, hence the narrow alphabet."""

MOST = 2**53
Count = Annotated[int, Field(ge=0, le=MOST)]
"""Whole number that survives every JSON reader."""
Milliseconds = Annotated[float, Field(ge=0, le=86_400_000, allow_inf_nan=False)]
"""A duration; the bound is one day."""
Status = Annotated[int, Field(ge=0, le=999)]
"""HTTP status; 0 when the client went away before one was sent."""
EARLIEST, LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(strict=True, ge=EARLIEST, le=LATEST)]
"""RFC 3339 with an offset; a bare number or a time without zone is refused, not guessed.

The bounds keep every moment representable in every zone.
"""
INT64 = 2**63
_Int64 = Annotated[int, Field(ge=-INT64, le=INT64 - 1)]
_Finite = Annotated[float, Field(allow_inf_nan=False)]
Scalar = Annotated[str, StringConstraints(max_length=2_048)] | _Int64 | _Finite | bool | None
"""A larger whole number becomes the nearest float, as most JSON readers have it (RFC 8259, section 6)."""
Attributes = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=120)], Scalar],
    Field(max_length=MAX_ATTRIBUTES),
]
"""Flat bag for what the contract has no field for."""
