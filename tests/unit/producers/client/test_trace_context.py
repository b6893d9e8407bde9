"""W3C trace context: what is followed and what begins anew."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.client.trace_context import span_for

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        (f"00-{TRACE}-{PARENT}-01", "01"),
        (f"00-{TRACE}-{PARENT}-00", "00"),
        (f" 00-{TRACE}-{PARENT}-03\t", "01"),
        (f"cc-{TRACE}-{PARENT}-01-what-comes-later", "01"),
    ],
)
def test_a_trace_is_followed_with_a_span_of_its_own(header: str, flags: str) -> None:
    span = span_for([header])
    assert (span.trace_id, span.parent_id, span.flags) == (TRACE, PARENT, flags)
    assert span.span_id not in {PARENT, "0" * 16}
    assert span.traceparent == f"00-{TRACE}-{span.span_id}-{flags}"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01"],
        [f"00-{TRACE.upper()}-{PARENT}-01"],
        [f"00-{'0' * 32}-{PARENT}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"ff-{TRACE}-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT}-01-more"],
        [f"cc-{TRACE}-{PARENT}-01more"],
        [f"00-{TRACE}-{PARENT}-1"],
        [f"00-{TRACE}-{PARENT}-01\n"],
        ["x" * 1_000_000],
    ],
)
def test_anything_else_begins_a_trace(headers: list[str]) -> None:
    span = span_for(headers)
    assert (span.parent_id, span.trace_id != TRACE) == (None, True)
    assert FORM.fullmatch(span.traceparent)


@given(st.lists(st.text(), max_size=2))
def test_whatever_comes_there_is_a_valid_span(headers: list[str]) -> None:
    assert FORM.fullmatch(span_for(headers).traceparent)
