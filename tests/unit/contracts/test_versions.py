"""Older and newer programs side by side: what was published is kept, read as ever, and holds what is written today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.json_schema import example_file
from contracts.released import (
    FOLDER,
    WHAT_TO_DO,
    broken_promises,
    released_schemas,
    releases,
    todays_schemas,
)
from contracts.topics import EVENT_TYPES
from tests.golden.keep import MESSAGES, Golden, digest, golden_messages, read, version_of_today
from tests.golden.writers import REFUSED, UNDERSTOOD

KEPT = {
    # each made by `make keep-release`, and never changed or removed afterwards
    "0.1.0": "77a68522ec0f7382e1059494701073b197208bbe3d7f9dcb0ad63d123ca5310f",
}
EVENTS = {event.ce_type: event for event in EVENT_TYPES}
GOLDEN = list(golden_messages())


def holds(kept: Any, found: Any) -> bool:
    """Whether all that was kept is still found, with the same values; further fields may have been added."""
    if isinstance(kept, Mapping) and isinstance(found, Mapping):
        return all(name in found and holds(value, found[name]) for name, value in kept.items())
    return bool(kept == found)


def test_nothing_that_was_published_is_changed_or_gone() -> None:
    assert set(releases()) == {folder.name for folder in MESSAGES.iterdir()} == set(KEPT)
    assert {version: digest(version) for version in KEPT} == KEPT, "what is kept never changes: take it back"
    assert version_of_today() in KEPT, "run: make keep-release"


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: f"{g.version}-{g.ce_type}-{g.writer}")
def test_a_golden_message_reads_as_ever(golden: Golden) -> None:
    found = read(EVENTS[golden.ce_type], golden.headers, golden.value)
    assert holds(golden.reads, found), WHAT_TO_DO


def test_every_type_was_kept_from_every_writer() -> None:
    writers = {writer.__name__ for writer in (*UNDERSTOOD, *REFUSED)}
    for version in releases():
        for ce_type in released_schemas(version):
            assert {g.writer for g in GOLDEN if (g.version, g.ce_type) == (version, ce_type)} == writers


def test_what_is_newer_and_only_more_is_read_and_the_rest_is_refused_with_a_reason() -> None:
    refused = {(g.writer, g.reads) for g in GOLDEN if isinstance(g.reads, str)}
    assert refused == {("newer_major", "unknown_version"), ("newer_word", "invalid_field")}
    minor = [g.reads for g in GOLDEN if g.writer == "newer_minor"]
    assert minor == [g.reads for g in GOLDEN if g.writer == "binary"]


@pytest.mark.parametrize("version", KEPT)
def test_nobody_who_relies_on_a_release_is_left_behind(version: str) -> None:
    assert broken_promises(version, todays_schemas()) == [], WHAT_TO_DO


@pytest.mark.parametrize("version", KEPT)
def test_an_older_reader_takes_what_is_written_today(version: str) -> None:
    for ce_type, schema in released_schemas(version).items():
        validator = Draft202012Validator(schema)
        for line in example_file(EVENTS[ce_type]).read_bytes().splitlines():
            written = EVENTS[ce_type].model_validate_json(line).encode()
            assert not list(validator.iter_errors(json.loads(written)))


def test_releases_are_json_schemas() -> None:
    for file in FOLDER.glob("*/*.json"):
        Draft202012Validator.check_schema(json.loads(file.read_text()))
