"""A pack for a third party: it has what it needs, and nothing that must stay here."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.audit import AuditEntry
from contracts.findings import Dimension
from contracts.incidents import EvidenceItem, Incident, Message, Override, SampleCall
from hypercare.incidents.pack import curl, pack_of
from hypercare.incidents.pack_text import markdown
from hypercare.incidents.withhold import MOST_CHARS, WITHHELD, Withholding
from tests.unit.incidents_made import NOON, at, checkout, erp, every, weakness

PLANTS = (
    "password=Hunter2xyz",
    "ana.secret@example.com",
    "sk_live_abcdefGHIJKL0123456789",
    "Bearer abcDEF0123456789abc",
    "eyJhbGciOiJI.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl",
    "p_0123456789abcdef01234567",
    "DE89370400440532013000",
    "4111 1111 1111 1111",
    "+49 170 1234567",
    "203.0.113.99",
    "10.11.12.13",
    "db07.prod.internal",
    "https://root:geheim77@example.com/x",
    "/reset/AbCdEf0123456789AbCdEf",
    "ana\u200b.hidden@example.com",
)
SIGNS = (
    "Hunter2xyz", "ana.secret", "abcdefGHIJKL", "abcDEF0123456789abc", "eyJhbGciOiJI", "0123456789abcdef01234567",
    "DE8937", "4111", "1234567", "203.0.113.99", "10.11.12.13", "db07", "geheim77", "AbCdEf0123456789", "hidden",
)  # fmt: skip
"""What of each must not be found."""


def entry(number: int, **said: Any) -> AuditEntry:
    return AuditEntry(
        **{
            "id": f"a-{number}", "occurred_at": at(number), "subject": "incident", "subject_id": "inc-7c41aa",
            "action": "start", "actor": "ana.ops", "accepted": True, "reason": "the vendor is asleep",
            "before": {"state": "new"}, "after": {"state": "in_progress"}, "incident": "inc-7c41aa", **said,
        }
    )  # fmt: skip


HISTORY = (entry(1), entry(2, accepted=False), entry(3, before={"owner": "a"}, after={"owner": "b"}))


def both(incident: Incident, history: tuple[AuditEntry, ...] = HISTORY) -> str:
    """Everything that is written of it."""
    pack = pack_of(incident, history)
    return markdown(pack) + json.dumps(pack, ensure_ascii=False)


def texts(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every text in a value."""
    if isinstance(part, str):
        yield path
    for name, value in part.items() if isinstance(part, dict) else enumerate(part if isinstance(part, list) else ()):
        yield from texts(value, (*path, name))


def planted(said: dict[str, Any], path: tuple[Any, ...], plant: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(said))
    place: Any = made
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = f"{plant} {place[path[-1]]} {plant}"
    return made


def is_valid(said: dict[str, Any]) -> bool:
    try:
        Incident.model_validate_json(json.dumps(said))
    except ValidationError:
        return False
    return True


def whole() -> Incident:
    """An incident of which everything is known."""
    one, slow = checkout(), erp()
    return one.model_copy(
        update={
            "victims": slow.victims, "verification": slow.verification, "fix_release": "2.4.1", "closed_reason": "over",
            "override": Override(actor="ana.ops", reason="few buy there", at=NOON), "merged_into": "inc-2",
            "attributes": {"note": "a word"},
        }
    )  # fmt: skip


FREE = [
    path
    for path in texts(json.loads(whole().encode()))
    if is_valid(planted(json.loads(whole().encode()), path, "password=Hunter2xyz"))
]


def test_the_planting_reaches_every_kind_of_text() -> None:
    names = {path[-1] if isinstance(path[-1], str) else path[0] for path in FREE}
    assert names >= {
        "title", "sentence", "value", "attribute", "what", "reason", "by", "message", "text", "trace_id", "request_id",
        "route", "method", "upstream", "code", "browser", "os", "country", "release", "owner", "workaround", "actor",
        "closed_reason", "fix_release", "victims", "related", "channel", "language", "note", "feedback", "call", "id",
    }  # fmt: skip


@pytest.mark.parametrize(("plant", "sign"), list(zip(PLANTS, SIGNS, strict=True)))
def test_a_secret_in_any_text_is_not_in_the_pack(plant: str, sign: str) -> None:
    said = json.loads(whole().encode())
    for path in FREE:
        said = planted(said, path, plant)
    incident = Incident.model_validate_json(json.dumps(said))
    assert sign.encode() in incident.encode()
    written = both(incident, tuple(entry(number, reason=plant, after={"state": plant}) for number in range(3)))
    assert sign not in written, written[max(0, written.index(sign) - 200) :][:400]


@pytest.mark.parametrize("path", FREE, ids=lambda path: ".".join(map(str, path)))
def test_all_of_them_at_once_in_one_text_are_not_in_the_pack(path: tuple[Any, ...]) -> None:
    said = json.loads(whole().encode())
    for plant in (*PLANTS[:3], *PLANTS[9:12]):
        attempt = planted(said, path, plant)
        said = attempt if is_valid(attempt) else said
    written = both(Incident.model_validate_json(json.dumps(said)))
    assert not [sign for sign in (*SIGNS[:3], *SIGNS[9:12]) if sign in written]


def test_it_has_what_is_needed_to_find_and_mend_it() -> None:
    pack = pack_of(checkout(), HISTORY)
    assert pack["cause"] == ["upstream payments", "browser Mobile Safari", "os iOS"]
    assert pack["counts"] == {"calls": 412, "went_wrong": 118, "expected": 1.2, "users": 180, "reports": 14}
    assert (pack["onset"], pack["side"]) == ("2026-06-15T12:00:00.000Z", "third_party")
    call = pack["calls"][1]
    assert (call["trace_id"], call["request_id"], call["status"]) == (f"{1:032x}", "req-1", 502)
    assert call["curl"] == "curl --globoff --include --request POST \"$BASE_URL\"'/api/payments/{id}'"
    assert pack["release"]["release"] == "2.4.0"
    assert pack["tried"] == [{"at": "2026-06-15T12:01:00.000Z", "from": "new", "to": "in_progress"}]
    page = markdown(pack)
    for said in (
        "# upstream payments \\+ browser Mobile Safari",
        "118 of 412 calls went wrong, 1.2 were usual",
        "Since 2026-06-15T12:00:00.000Z",
        f"{1:032x}",
        "> I cannot pay, the button spins for ever",
        "What helps meanwhile: pay on a computer",
        "    curl --globoff",
    ):
        assert said in page, said


def test_names_of_ours_and_notes_among_colleagues_stay_here() -> None:
    cause = (Dimension(attribute="route", value="/api"), Dimension(attribute="consumer", value="Acme Ltd"))
    evidence = EvidenceItem(
        kind="finding", id="find-9", what="consumer Acme Ltd fails, says Berta", reason="the vendor is asleep",
        by="berta", since=NOON, last_at=NOON, cause=cause,
    )  # fmt: skip
    incident = checkout(
        cause=cause, owner="team-rocket", evidence=(evidence,), victims=("ledger",),
        title="consumer ACME LTD and ledger fail; team-rocket knows", closed_reason="asleep",
    )  # fmt: skip
    written = both(incident)
    for name in ("acme", "rocket", "berta", "ledger", "asleep", "find-9", "ana.ops", "inc-9d02bb"):
        assert name not in written.casefold(), name
    assert WITHHELD in written
    assert "route /api" in written


def test_a_name_that_the_cause_needs_is_kept() -> None:
    assert "payments" in pack_of(checkout(owner="payments", victims=("payments",)), ())["title"]


@pytest.mark.parametrize(
    "route", ["/a'b\"; rm -rf ~ #", "/$(id)", "/a b\n/c", "relative", "/ü/😀/\u202e", "/`id`", "/a/***/{id}?x=1&y=2"]
)
@pytest.mark.parametrize("base", ["", "https://shop.example.com/"])
def test_a_curl_line_is_one_command_whatever_the_route(route: str, base: str) -> None:
    line = curl(SampleCall(call="c", at=NOON, method="GET; id", route=route), Withholding(()), base)
    assert line is not None
    assert "\n" not in line
    words = shlex.split(line)
    assert words[:3] == ["curl", "--globoff", "--include"]
    assert len(words) == 4
    assert words[3].startswith(base.rstrip("/") + "/" if base else "$BASE_URL/")
    assert re.fullmatch(r"[A-Za-z0-9/%{}*._~:$\-]+", words[3])
    assert curl(SampleCall(call="c", at=NOON), Withholding(())) is None


def test_whatever_people_write_stays_text_in_the_page() -> None:
    hostile = "<script>x</script> [click](https://evil.example.com) | `a` **b** # c\n\n## Not ours\n| x |"
    incident = checkout(
        title=hostile, messages=(Message(feedback="f", at=NOON, channel="email", text=hostile),),
        samples=(SampleCall(call="c", at=NOON, route="/a|b", upstream=hostile[:300], message=hostile),),
    )  # fmt: skip
    page = markdown(pack_of(incident, ()))
    assert "<script>" not in page
    assert "](" not in page.replace("\\](", "").replace("\\]\\(", "")
    assert "https://evil" not in page
    assert "\n## Not ours" not in page
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1


@given(st.text(max_size=2_000))
def test_any_text_makes_a_page_of_bounded_lines(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    pack = pack_of(checkout(title=clean, workaround=clean), ())
    assert len(pack["title"]) <= MOST_CHARS
    assert json.loads(json.dumps(pack)) == pack
    assert "\x1b" not in markdown(pack)


def test_long_and_strange_texts() -> None:
    long = Withholding(("x",)).text("word " * 200_000)
    assert long is not None
    assert len(long) == MOST_CHARS
    assert Withholding(()).text("") == ""
    assert Withholding(()).text(None) is None
    cut = Withholding(()).text("y" * 1_990 + " ana.secret@example.com")
    assert cut is not None
    assert "ana" not in cut


def test_every_incident_can_be_handed_on() -> None:
    for incident in every():
        assert both(incident, ()).startswith("# ")
    bare = markdown(pack_of(checkout(samples=(), messages=(), evidence=(), workaround=None, attribution=None), ()))
    assert "Nothing yet." in bare
    assert "Sample calls" not in bare
    assert pack_of(weakness(), ())["title"] == "invoices of strangers are shown"
