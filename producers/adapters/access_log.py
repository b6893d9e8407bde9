r"""Apache and NGINX access logs: common and combined, with or without a virtual host in front.

    [vhost[:port]] host ident user [time] "request" status bytes ["referrer" "agent"] [more]

Of what follows, the first number is the duration: with a decimal point it is seconds (NGINX
``$request_time``), without one it is microseconds (Apache ``%D``), with ``ms`` behind it milliseconds; a second
number with a decimal point is the upstream's seconds. ``rt=`` and ``urt=`` (``request_time=``,
``upstream_response_time=``) say the same by name. Anything else there, such as a forwarded-for address, is not kept.

The pattern has only possessive quantifiers, so its time is linear in the line.
Sources: httpd mod_log_config (``%b`` writes ``-`` for 0, quotes as ``\"``), nginx ngx_http_log_module
(quotes as ``\x22``).
"""

from __future__ import annotations

import re
from datetime import datetime

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from producers.adapters.adapter import Place, line_id, validated_call
from producers.adapters.facts import About
from producers.adapters.loose_values import LINE_CHARS, NAME_CHARS, address_of, milliseconds, storable
from producers.adapters.moments import from_bracket
from producers.adapters.request_targets import cut_long, masked_parts, masked_url

MAX_LINE_BYTES = 65_536
REQUEST_LINE_CHARS = 500
REFERRER_CHARS = 2_048
_HEAD_FIELDS = 3
_QUOTED = r'"((?:[^"\\]++|\\.)*+)"'
_LINE = re.compile(rf"([^\[]*+)\[([^\]]*+)\] {_QUOTED} (\S++) (\S++)(?: {_QUOTED} {_QUOTED})?+(.*+)", re.DOTALL)
_UNESCAPED = re.compile(
    r'([^\[]*+)\[([^\]]*+)\] "(.*?)" (\d{3}|-) (\d++|-)(?: "(.*?)" "(.*)"(?=\s|$))?+(.*+)', re.DOTALL
)
"""For loggers that do not escape quotes: the request ends before a status, the agent with the last quote."""
_CLOSED = re.compile(_QUOTED, re.DOTALL)
_ESCAPES = re.compile(r"(?:\\x[0-9A-Fa-f]{2})++|\\(.)", re.DOTALL)
_METHOD = re.compile(r"[A-Z][A-Z_\-]{1,31}")
_PROTOCOL = re.compile(r"[A-Z]{2,8}/\d(?:\.\d)?")
_STATUS = re.compile(r"\d{3}", re.ASCII)
_SECONDS = re.compile(r"\d{1,9}\.\d{1,9}", re.ASCII)
_MILLISECONDS = re.compile(r"\d{1,12}ms", re.ASCII)
_MICROSECONDS = re.compile(r"\d{1,15}", re.ASCII)
_TOTAL_NAMES = ("rt=", "request_time=")
_UPSTREAM_NAMES = ("urt=", "upstream_response_time=")


class AccessLog:
    """Apache and NGINX, common and combined."""

    name = "access-log"
    event = GatewayCall
    about = About(
        "Apache and NGINX, common and combined, with times behind",
        lacks=(
            "request id",
            "route",
            "upstream",
            "upstream's status",
            "retries",
            "country",
            "consumer",
            "trace",
            "sign-in",
            "gateway's own failures",
            "model and tokens",
            "cost",
        ),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell an access log by its quoted request behind a bracketed time."""
        try:
            _fields(line)
        except Rejected:
            return False
        return True

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one line; see the module for what is taken."""
        line = line.strip(b"\x00\r\n ")
        moment, (head, request, status, size, referrer, agent, more) = _fields(line)
        vhost, host, user = _head(head)
        parts, long, attributes = _request(_plain(request))
        if long:
            attributes["cut"] = ",".join(long)
        if vhost:
            parts.setdefault("host", vhost[:NAME_CHARS])
        if referrer and referrer != "-":
            attributes["referrer"] = masked_url(_plain(referrer)[:REFERRER_CHARS])[:REFERRER_CHARS]
        address = address_of(host)
        if address is None and host != "-":
            attributes["client_domain"] = ".".join(host.rsplit(".", 2)[-2:])[:NAME_CHARS]
        fields = {
            "id": line_id(line, place, moment),
            "occurred_at": moment,
            "request": parts,
            "response": {"status": _status(status), "bytes": _size(size)},
            "latency": _durations(more),
            "client": {"ip": address, "user_agent": _known(agent)},
            "user": _known(user, NAME_CHARS),
            "attributes": attributes,
        }
        return validated_call(fields, place)


def _fields(line: bytes) -> tuple[datetime, tuple[str, ...]]:
    if len(line) > MAX_LINE_BYTES:
        raise Rejected("line_too_long", f"{len(line)} bytes, at most {MAX_LINE_BYTES} are an access log line")
    text = storable(line.decode("utf-8", "backslashreplace"))
    found = _LINE.match(text)
    if found is None or (found[8] and not found[8].startswith(" ")):
        found = _UNESCAPED.match(text) or found
    if found is None:
        raise _diagnosis(text)
    head, time, *rest = found.groups()
    if len(head.split()) < _HEAD_FIELDS:
        raise Rejected("not_access_log", "host, identity and user are not in front of the time")
    if found[6] is None and found[8].startswith(' "'):
        raise Rejected("truncated_line", f"ends inside referrer or user agent, after column {found.end(5)}")
    return from_bracket(time), (head, *rest)


def _diagnosis(text: str) -> Rejected:  # noqa: PLR0911 - one for each place where a line can break
    head, bracket, rest = text.partition("[")
    fields = len(head.split())
    if not bracket and fields and address_of(head.split()[0]):
        return Rejected("truncated_line", f"ends before the time, at column {len(text)}")
    if not bracket or fields < _HEAD_FIELDS:
        return Rejected("not_access_log", "no bracketed time behind host, identity and user")
    _, closed, rest = rest.partition("]")
    if not closed or not rest.strip():
        return Rejected("truncated_line", f"ends inside or after the time, at column {len(text)}")
    if not rest.startswith(' "'):
        return Rejected("not_access_log", f"no quoted request behind the time, at column {len(text) - len(rest) + 1}")
    request = _CLOSED.match(rest, 1)
    if request is None:
        return Rejected("truncated_line", f"ends inside the request, at column {len(text)}")
    if len(rest[request.end() :].split()) < 2:  # noqa: PLR2004 - status and size
        return Rejected("truncated_line", f"ends before status or size, at column {len(text)}")
    return Rejected("not_access_log", "no status and size behind the request")


def _head(head: str) -> tuple[str, str, str]:
    """Virtual host, client, user; a user may hold blanks, a name before an address is a virtual host."""
    fields = head.split()
    if len(fields) > _HEAD_FIELDS and address_of(fields[1]):
        return fields[0].partition(":")[0], fields[1], " ".join(fields[3:])
    return "", fields[0], " ".join(fields[2:])


def _request(line: str) -> tuple[dict[str, str], list[str], dict[str, str | int]]:
    """Parts of the request line, what was cut of them; a line that is no HTTP is kept as an attribute."""
    method, _, target = line.partition(" ")
    if not target or not _METHOD.fullmatch(method):
        known = line not in {"", "-"}
        return {}, [], {"request_line": masked_url(line)[:REQUEST_LINE_CHARS]} if known else {}
    before, _, protocol = target.rpartition(" ")
    if before and _PROTOCOL.fullmatch(protocol):
        target = before
    if method == "CONNECT" and "/" not in target:
        parts, long = cut_long({"host": target.rpartition(":")[0] or target})
    else:
        parts, long = masked_parts(target)
    return {"method": method, **parts}, long, {}


def _status(text: str) -> int:
    if text == "-":
        return 0  # none was sent
    if not _STATUS.fullmatch(text):
        raise Rejected("invalid_status", "the status is not three digits")
    return int(text)


def _size(text: str) -> int | None:
    """``-`` stands for 0 in ``%b``."""
    if text == "-":
        return 0
    return int(text) if _MICROSECONDS.fullmatch(text) else None


def _durations(more: str) -> dict[str, float | None]:
    total, upstream = None, None
    for token in more.split() if more else ():
        word = token.replace('"', "")
        if word.startswith(_TOTAL_NAMES + _UPSTREAM_NAMES):
            name, _, word = word.partition("=")
            seconds = float(word) * 1000 if _SECONDS.fullmatch(word) else None
            total, upstream = (total, seconds) if f"{name}=" in _UPSTREAM_NAMES else (seconds, upstream)
        elif _MILLISECONDS.fullmatch(token):
            return {"total_ms": milliseconds(float(token[:-2])), "upstream_ms": None, "gateway_ms": None}
        elif token != word:
            continue
        elif total is None and _MICROSECONDS.fullmatch(word):
            total = int(word) / 1000
        elif _SECONDS.fullmatch(word):
            seconds = float(word) * 1000
            total, upstream = (seconds, upstream) if total is None else (total, upstream or seconds)
    total, upstream = milliseconds(total), milliseconds(upstream)
    gateway = round(total - upstream, 3) if total is not None and upstream is not None and total >= upstream else None
    return {"total_ms": total, "upstream_ms": upstream, "gateway_ms": gateway}


def _known(text: str | None, limit: int = LINE_CHARS) -> str | None:
    return None if text in {None, "", "-", '""'} else _plain(text or "")[:limit]


def _plain(text: str) -> str:
    return _ESCAPES.sub(_unescaped, text) if "\\" in text else text


def _unescaped(found: re.Match[str]) -> str:
    r"""Undo the escapes of a logger; control characters and broken bytes stay written as ``\x16``."""
    escape = found[0]
    if found[1] is not None:
        return found[1] if found[1] in '"\\' else escape
    text = bytes.fromhex(escape.replace("\\x", "")).decode("utf-8", "backslashreplace")
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)
