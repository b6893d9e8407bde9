from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from contracts.errors import Rejected, Stop
from contracts.feedback import Feedback
from hypercare.cli import app
from hypercare.commands.feedback_add import feedback_of, rating_of
from producers.adapters.open_feedback import TableOptions
from producers.importing import import_file
from producers.outlet import MemoryOutlet
from producers.tables.as_csv import readable
from producers.tables.mapping import look_at, read_mapping, save_mapping
from producers.tables.workbook import Workbook, is_workbook

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def cell(value: str | float, place: str, style: int = 0) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def book(path: Path, rows: list[list[str | float]], *, date_column: int = -1, before: str = "", more: str = "") -> str:
    letters = "ABCDEFGHIJ"
    body = "".join(
        f'<row r="{number}">'
        + "".join(
            cell(value, f"{letters[at]}{number}", 1 if at == date_column else 0)
            for at, value in enumerate(row)
            if value != ""
        )
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    parts = {
        "xl/workbook.xml": f'<workbook {NS} {REL}><sheets><sheet name="Notes" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {NS}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f"<sst {NS}><si><t>shared</t></si><si><r><t>ri</t></r><r><t>ch</t></r></si></sst>",
        "xl/worksheets/sheet1.xml": f"{before}<worksheet {NS}><sheetData>{body}{more}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return str(path)


def test_a_workbook_is_feedback(tmp_path: Path) -> None:
    path = book(
        tmp_path / "hotline.xlsx",
        [["Hotline, June"], ["When", "Heard", "Score"], [46188.375, "Pay button\nspins", 2], [46188.5, "Fine", 5]],
        date_column=0,
    )
    outlet = MemoryOutlet()
    with readable(path) as file:
        options = TableOptions(mapping={"text": "Heard", "occurred_at": "When"}, channel="hotline")
        report = import_file(file, kind="feedback", publisher=outlet, table=options, now=NOW)
    first, second = outlet.events
    assert isinstance(first, Feedback)
    assert first.text == "Pay button\nspins"
    assert first.occurred_at == datetime(2026, 6, 15, 9, tzinfo=UTC)
    assert first.rating
    assert first.rating.value == 2
    assert second.occurred_at.hour == 12
    assert report.rejected == 0


def test_shared_strings_gaps_and_errors_are_read(tmp_path: Path) -> None:
    more = (
        '<row><c r="C9" t="s"><v>1</v></c><c t="s"><v>99</v></c><c t="e"><v>#N/A</v></c><c t="str"><v>f</v></c></row>'
    )
    read = Workbook(book(tmp_path / "x.xlsx", [["a", "", "b"]], more=more))
    assert list(read.rows()) == [["a", "", "b"], ["", "", "rich", "", "", "f"]]
    with pytest.raises(Stop, match="its sheets are: 'Notes'"):
        list(read.rows("Other"))
    read.close()


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    read = Workbook(book(tmp_path / "x.xlsx", [["a"]], before=bomb))
    with pytest.raises(Stop, match="cannot be read as an XLSX workbook"):
        list(read.rows())
    read.close()


@given(st.binary(max_size=300))
def test_any_zip_is_a_workbook_or_says_what_it_is(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x.xlsx"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", data)
    path.write_bytes(made.getvalue())
    assert is_workbook(str(path))
    with pytest.raises(Stop):
        list(Workbook(str(path)).rows())


def test_a_mapping_that_was_saved_reads_the_next_file_the_same_way(tmp_path: Path) -> None:
    table = tmp_path / "week1.csv"
    table.write_text("Was,Wann\nlangsam,03/04/2026\n\n,13/04/2026\n", encoding="utf-8")
    options = TableOptions(mapping={"text": "Was", "occurred_at": "Wann"}, timezone="Europe/Berlin", channel="survey")
    look = look_at(str(table), options, now=NOW, rows=5, tenant="default", project="shop")
    (_, first), (number, second) = look.rows
    assert isinstance(first, Feedback)
    assert (first.text, first.channel, first.project) == ("langsam", "survey", "shop")
    assert isinstance(second, Rejected)
    assert number == 4
    save_mapping(tmp_path / "m.json", look.options)
    read = read_mapping(tmp_path / "m.json")
    again = look_at(str(table), read, now=NOW, rows=5, tenant="default", project="shop")
    assert again.rows[0] == look.rows[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("[]", "has to be an object"),
        ('{"maps":{}}', "no 'maps'"),
        ('{"map":{"txt":"a"}}', "no field 'txt'"),
        ('{"map":{"text":1}}', "object of field and column"),
        ('{"channel":"pigeon"}', "channel has to be one of"),
        ('{"timezone":1}', "timezone has to be a text"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "m.json").write_text(content)
    with pytest.raises(Stop, match=said):
        read_mapping(tmp_path / "m.json")


def test_a_dry_run_shows_rows_and_needs_no_kafka(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("text,stars\nmail me at ana@example.com,4\n")
    done = CliRunner().invoke(
        app, ["import", "feedback", str(table), "--dry-run", "--save-mapping", str(tmp_path / "m.json")]
    )
    assert done.exit_code == 0, done.output
    assert "rating: 4 on the scale stars" in done.output
    assert "ana@example.com" not in done.output
    assert read_mapping(tmp_path / "m.json").mapping == {"text": "text", "rating": "stars"}


def fields(**changes: Any) -> dict[str, Any]:
    said = {
        "occurred_at": NOW, "tenant": "default", "project": "default", "environment": "production",
        "channel": "hotline", "text": "x", "reporter": {"pseudonym": None},
    }  # fmt: skip
    return said | changes


def test_what_is_added_by_hand_is_the_same_the_second_time() -> None:
    assert feedback_of(fields()).id == feedback_of(fields()).id
    assert feedback_of(fields()).id != feedback_of(fields(text="y")).id
    assert feedback_of(fields()).id != feedback_of(fields(reporter={"pseudonym": "p"})).id


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(Stop, match="channel"):
        feedback_of(fields(channel="pigeon"))
    assert rating_of("4/stars") == {"scale": "stars", "value": 4.0}
    for text in ("4", "x/nps", "11/nps", "-1/nps", "nan/nps", "7/stars", "0/csat", "8/ces", "4/"):
        with pytest.raises(Stop, match="is no rating"):
            rating_of(text)
