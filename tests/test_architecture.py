"""Data flows down, and every room knows only what it may know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("contracts", "producers", "processors", "sinks", "hypercare")
MAY_IMPORT = {
    "contracts": set(),
    "producers": {"contracts"},
    "processors": {"contracts"},
    "sinks": {"contracts", "processors"},
    "hypercare": {"contracts", "producers", "processors", "sinks"},
}
STAGES = ("telemetry", "feedback", "health", "incidents")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager", "misc", "shared", "lib"}
MAX_LINES = 250
CLIENTS = {
    # one client library, few and obvious files
    "confluent_kafka": {
        "producers/publisher.py",
        "producers/intake/delivery.py",
        "processors/runtime/kafka_writer.py",
        "processors/runtime/spare.py",
        "processors/runtime/transactions.py",
        "hypercare/topics.py",
        "hypercare/kafka_answers.py",
        "hypercare/lag.py",
        "hypercare/topic_reader.py",
        "hypercare/byte_writer.py",
        "hypercare/consumer_groups.py",
        "hypercare/engines/probe.py",
        "hypercare/engines/mock_broker.py",
    },
    "faust": {
        "processors/runtime/transport.py",
        "processors/runtime/consumer_thread.py",
        "processors/runtime/app.py",
        "processors/runtime/run.py",
        "processors/runtime/watch.py",
    },
    "elasticsearch": {
        "sinks/elasticsearch/access.py",
        "sinks/elasticsearch/bulk.py",
        "sinks/elasticsearch/templates.py",
        "hypercare/summary.py",
        "hypercare/trace.py",
        "hypercare/documents_by_id.py",
        "hypercare/set_up.py",
        "hypercare/cli.py",
    },
}


def modules(*rooms: str) -> list[Path]:
    return sorted(file for room in rooms or ROOMS for file in (ROOT / room).rglob("*.py"))


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_lies_below_them(room: str) -> None:
    for file in modules(room):
        for imported in imports(file):
            other = imported.split(".")[0]
            assert other not in ROOMS or other == room or other in MAY_IMPORT[room], f"{name_of(file)} → {imported}"


def test_sinks_know_only_the_runtime_of_the_processors() -> None:
    for file in modules("sinks"):
        for imported in imports(file):
            assert not imported.startswith("processors") or imported.startswith("processors.runtime"), (
                f"{name_of(file)} → {imported}"
            )


def test_stages_do_not_know_each_other() -> None:
    for stage, other in permutations(STAGES, 2):
        for file in (ROOT / "processors" / stage).rglob("*.py"):
            assert not any(i.startswith(f"processors.{other}") for i in imports(file)), name_of(file)


def test_rules_have_no_clock_no_chance_and_no_client() -> None:
    impure = {
        "time",
        "random",
        "asyncio",
        "socket",
        "requests",
        "confluent_kafka",
        "faust",
        "elasticsearch",
        "structlog",
    }
    for room in (*(f"processors/{stage}" for stage in STAGES), "contracts", "producers/adapters"):
        for file in (ROOT / room).rglob("*.py"):
            assert not {i.split(".")[0] for i in imports(file)} & impure, name_of(file)


@pytest.mark.parametrize("library", CLIENTS)
def test_a_client_library_appears_in_few_obvious_files(library: str) -> None:
    users = {name_of(file) for file in modules() if any(i.split(".")[0] == library for i in imports(file))}
    assert users == CLIENTS[library]


def test_no_module_is_a_drawer_or_a_scroll() -> None:
    for file in modules():
        assert file.stem not in FORBIDDEN_NAMES, name_of(file)
        assert "test_" not in ".".join(file.relative_to(ROOT).with_suffix("").parts), "Faust skips such names"
        assert len(file.read_text().splitlines()) <= MAX_LINES, f"{name_of(file)} is two files"


def test_every_folder_is_a_package() -> None:
    for room in (*ROOMS, "tests", "benchmarks"):
        for file in (ROOT / room).rglob("*.py"):
            assert (file.parent / "__init__.py").exists(), name_of(file.parent)
