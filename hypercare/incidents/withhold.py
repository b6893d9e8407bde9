"""What of an incident leaves the house: everything is masked once more, and names of ours are taken out.

Derived topics are masked already, by rules that keep what helps those who work here. A third party gets less: no
pseudonyms, no private addresses, no names of people, teams, consumers or services that are not concerned. As
everywhere, masking goes by names and shapes and has gaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from contracts.findings import Cause
from contracts.incidents import Incident
from contracts.personal_data import mask_line, mask_personal_data
from contracts.secrets import mask_path
from hypercare.masked import printable

WITHHELD = "[withheld]"
CONCERNED = ("route", "method", "upstream", "browser", "os", "device", "country", "release")
"""Attributes of a cause that a third party needs; a consumer or an instance is somebody else's business."""
MOST_CHARS = 500
"""Of one text; a sentence needs less, and a whole mail is not evidence."""
MOST_LOOKED_AT = 4 * MOST_CHARS
_PSEUDONYM = re.compile(r"\bp_[0-9a-f]{6,64}\b")
_INSIDE = re.compile(
    r"(?i)\b(?:[a-z0-9](?:[a-z0-9\-]{0,62})\.){1,8}(?:internal|intern|local|localdomain|lan|corp|intra|svc|arpa)\b"
)
"""Names that only resolve inside: RFC 6762 appendix G, RFC 8375, and what clusters use."""
_PRIVATE = re.compile(r"(?<![\w.])(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}(?![\w.]*\d)")
_NUMBER = re.compile(r"\d(?:[ .\-]?\d){11,}")
"""Long enough for a card or an account, with or without a checksum that shows it."""
_FURTHER = ((_PSEUDONYM, "[person]"), (_INSIDE, "[host]"), (_PRIVATE, "[host]"), (_NUMBER, "[number]"))
_ID = re.compile(r"[A-Za-z0-9._:\-]{1,200}")
_HEX_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A trace id (W3C Trace Context, 3.2.2.3) or a UUID: nothing of a person fits in."""
_METHOD = re.compile(r"[A-Z]{1,20}")


class Withholding:
    """Masks texts of one incident; ``names`` are replaced wherever they stand as words."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted({name.strip() for name in names if name.strip()}, key=lambda name: (-len(name), name))

    def text(self, text: str | None) -> str | None:
        """A text in one line, without secrets, personal data, pseudonyms and names of ours."""
        if text is None:
            return None
        words = text[:MOST_LOOKED_AT].split()
        flat = " ".join(words if len(text) <= MOST_LOOKED_AT else words[:-1])  # half a word has half a shape
        masked, _ = mask_personal_data(self._without_names(flat))
        masked = mask_path(mask_line(masked)[0])[0]
        for shape, by in _FURTHER:
            masked = shape.sub(by, masked)
        shown = printable(self._without_names(masked))
        return shown if len(shown) <= MOST_CHARS else shown[: MOST_CHARS - 1] + "…"

    def route(self, route: str | None) -> str | None:
        """A route with its placeholders, without tokens or addresses in it."""
        return self.text(route)

    def name(self, name: str | None) -> str | None:
        """An id as it is, if it is plain and says nothing of a person; else withheld."""
        if name is None:
            return None
        plain = _HEX_ID.fullmatch(name) or (_ID.fullmatch(name) and self.text(name) == name)
        return name if plain else WITHHELD

    def method(self, method: str | None) -> str | None:
        """An HTTP method, if it is one."""
        return method if method is not None and _METHOD.fullmatch(method) else None

    def cause(self, cause: Cause) -> list[str]:
        """What the calls concerned have in common, as far as a third party needs it."""
        return [
            f"{dimension.attribute} {self.text(dimension.value)}"
            if dimension.attribute in CONCERNED
            else f"{self.text(dimension.attribute)} {WITHHELD}"
            for dimension in cause
        ]

    def _without_names(self, text: str) -> str:
        return self._shape.sub(WITHHELD, text) if self._names else text

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        return re.compile(r"(?i)(?<!\w)(?:" + "|".join(map(re.escape, self._names)) + r")(?!\w)")


def withholding(incident: Incident) -> Withholding:
    """What is withheld of an incident: who works on it, who waits, and what its cause names of somebody else's."""
    causes = (incident.cause, *(item.cause for item in incident.evidence))
    others = (d.value for cause in causes for d in cause if d.attribute not in CONCERNED)
    people = (incident.owner, incident.override and incident.override.actor, *(item.by for item in incident.evidence))
    named = (*others, *incident.victims, *(name for name in people if name and name != "system"))
    needed = {d.value.casefold() for cause in causes for d in cause if d.attribute in CONCERNED}
    return Withholding(name for name in named if name.casefold() not in needed)
