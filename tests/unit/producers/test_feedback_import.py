from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Stop
from contracts.feedback import Feedback
from producers.adapters.csv_records import records_of
from producers.adapters.open_feedback import TableOptions
from producers.files import lines_of
from producers.importing import ImportReport, import_file
from producers.outlet import MemoryOutlet

NOW = datetime(2026, 6, 16, tzinfo=UTC)
HADOOP = Path(__file__).parents[4] / "shared" / "data" / "duplicates" / "hadoop_bugs.csv.gz"


def imported(
    tmp_path: Path, content: str | bytes, options: TableOptions | None = None
) -> tuple[ImportReport, list[Feedback], MemoryOutlet]:
    file = tmp_path / "feedback.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    outlet = MemoryOutlet()
    report = import_file(str(file), kind="feedback", publisher=outlet, table=options, now=NOW)
    return report, [event for event in outlet.events if isinstance(event, Feedback)], outlet


@settings(max_examples=200)
@given(parts=st.lists(st.sampled_from([b'"', b'""', b",", b"\n", b"\r", b"a", b"\xe9", b"\x00"]), max_size=40))
def test_records_hold_every_byte_of_the_file(parts: list[bytes]) -> None:
    content = b"".join(parts)
    records = list(records_of(lines_of(io.BytesIO(content)), ","))
    assert b"\n".join(record.data for record in records) == content.removesuffix(b"\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["Created", "Comment", "Stars"], ["2026-01-01", "good, very; good", "5"], ["2026-01-02", "bad", "1"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    _, events, _ = imported(tmp_path, text)
    assert [event.text for event in events] == ["good, very; good", "bad"]
    assert [event.rating.value for event in events if event.rating] == [5, 1]


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    report, events, _ = imported(tmp_path, "Feedback\nslow, but nice\nfast; and cheap\n")
    assert [event.text for event in events] == ["slow, but nice", "fast; and cheap"]
    assert {event.occurred_at for event in events} == {NOW}
    assert any("happened now" in said for said in report.decided)


def test_quoted_newlines_make_one_record_with_its_bytes(tmp_path: Path) -> None:
    content = 'created,text\r\n2026-01-01,"one\r\n\r\ntwo ""three"""\r\nlast Tuesday,"a\r\nb"\r\n2026-01-02,four\r\n'
    report, events, outlet = imported(tmp_path, content)
    assert [event.text for event in events] == ['one\r\n\r\ntwo "three"', "four"]
    assert outlet.letters[0].value == b'last Tuesday,"a\r\nb"\r'
    assert report.first_rejections[0][:2] == (5, "invalid_time")


def test_unclosed_quote_spoils_its_own_line_only(tmp_path: Path) -> None:
    content = "created,text\n" + '2026-01-01,"never closed\n' + "2026-01-01,good\n" * 5
    report, events, _ = imported(tmp_path, content)
    assert report.reasons == {"unclosed_quote": 1}
    assert len(events) == 5


def test_quote_inside_a_cell_is_only_a_character(tmp_path: Path) -> None:
    _, events, _ = imported(tmp_path, 'created,text\n2026-01-01,a 5" disk\n2026-01-02,fine\n')
    assert [event.text for event in events] == ['a 5" disk', "fine"]


def test_title_alone_is_the_text(tmp_path: Path) -> None:
    _, events, _ = imported(tmp_path, "created,title,text\n2026-01-01,Slow,\n2026-01-01,,Very slow\n")
    assert [(event.title, event.text) for event in events] == [(None, "Slow"), (None, "Very slow")]


def test_row_without_text_or_with_too_many_cells_is_rejected(tmp_path: Path) -> None:
    content = "created,title,text\n2026-01-01,,\n2026-01-01,a,b,c\n,a,b\n" + "2026-01-01,a,b\n" * 9
    report, events, _ = imported(tmp_path, content)
    assert report.reasons == {"empty_text": 1, "wrong_columns": 1, "missing_field": 1}
    assert len(events) == 9


def test_text_column_can_be_given(tmp_path: Path) -> None:
    with pytest.raises(Stop) as caught:
        imported(tmp_path, "wann,was\n2026-01-01,kaputt\n")
    assert "'wann', 'was'" in caught.value.problem
    assert "--map text=" in caught.value.fix
    _, events, _ = imported(
        tmp_path, "wann,was\n2026-01-01,kaputt\n", TableOptions(mapping={"text": "was", "occurred_at": "wann"})
    )
    assert events[0].text == "kaputt"


@pytest.mark.parametrize("mapping", [{"text": "none"}, {"colour": "text"}])
def test_wrong_mapping_stops(tmp_path: Path, mapping: dict[str, str]) -> None:
    with pytest.raises(Stop):
        imported(tmp_path, "text\nhello\n", TableOptions(mapping=mapping))


@pytest.mark.parametrize("content", [b"PK\x03\x04xx", "text\nä\n".encode("utf-16"), b'[{"text":"a"}]', b""])
def test_what_is_no_table_stops_with_a_way_out(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Stop) as caught:
        imported(tmp_path, content)
    assert caught.value.fix


def test_order_of_day_and_month_is_decided_for_the_file_and_said(tmp_path: Path) -> None:
    report, events, _ = imported(tmp_path, "date,text\n03/04/2021,a\n09/30/2021,b\n")
    assert [event.occurred_at.month for event in events] == [3, 9]
    assert any("month first" in said for said in report.decided)


def test_personal_columns_are_left_out_and_said(tmp_path: Path) -> None:
    report, events, _ = imported(tmp_path, "text,created,Phone,Plan\nhello,2026-01-01,+1-555-0100,gold\n")
    assert events[0].attributes == {"dropped": 1}
    assert events[0].reporter.segment == "gold"
    assert any("Phone" in said for said in report.decided)


def test_public_bug_reports_import_without_options() -> None:
    if not HADOOP.exists():
        pytest.skip("../shared/data is not here")
    outlet = MemoryOutlet()
    report = import_file(str(HADOOP), kind="feedback", publisher=outlet, replay_at=NOW)
    assert (report.read, report.published, report.rejected) == (2_503, 2_503, 0)
    assert report.last_time == NOW
    assert NOW - timedelta(days=3_650) < (report.first_time or NOW)
    assert sum(isinstance(event, Feedback) and event.title is None for event in outlet.events) == 143


def test_a_rating_outside_its_scale_stays_an_attribute(tmp_path: Path) -> None:
    _, events, _ = imported(tmp_path, "created,text,csat\n2026-01-01,slow,9\n2026-01-02,fast,5\n")
    assert [event.rating and event.rating.value for event in events] == [None, 5]
    assert events[0].attributes == {"rating": "9"}


def test_a_survey_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    content = "Submitted,NPS,What went wrong?\n2026-06-14 09:30,3,Paying hangs\n2026-06-14 10:00,9,Nothing\n"
    _, events, _ = imported(tmp_path, content)
    assert [event.text for event in events] == ["Paying hangs", "Nothing"]
    assert events[0].occurred_at == datetime(2026, 6, 14, 9, 30, tzinfo=UTC)
    assert events[0].rating


@pytest.mark.parametrize(
    ("when", "what"),
    [
        ("Submitted on", "What happened?"),
        ("Eingereicht am", "Rückmeldung"),
        ("Créé le", "Commentaire"),
        ("Date d'envoi", "Commentaires"),
        ("Fecha de creación", "Descripción"),
        ("Carimbo de data/hora", "Comentário"),
        ("提交时间", "反馈内容"),
        ("Cre\u0301e\u0301 le", "RU\u0308CKMELDUNG"),
    ],
)
def test_time_and_text_are_known_in_six_languages(tmp_path: Path, when: str, what: str) -> None:
    report, events, _ = imported(tmp_path, f"{when},{what}\n2026-06-14 09:30,Paying hangs\n")
    assert [event.text for event in events] == ["Paying hangs"]
    assert events[0].occurred_at == datetime(2026, 6, 14, 9, 30, tzinfo=UTC)
    assert not any("happened now" in said for said in report.decided)


def test_the_column_with_the_longest_cells_is_proposed_as_the_text(tmp_path: Path) -> None:
    rows = (
        "2026-06-14,https://example.com/a/very/long/link/to/nowhere/in/particular/at/all,Paying hangs at the end\n" * 3
    )
    with pytest.raises(Stop) as stop:
        imported(tmp_path, "Submitted,Where,Tell us more\n" + rows)
    assert "--map 'text=Tell us more'" in stop.value.fix
    with pytest.raises(Stop) as stop:
        imported(tmp_path, "When,What")
    assert "--map text=W" in stop.value.fix


def test_rows_without_a_time_are_counted_and_a_column_proposed(tmp_path: Path) -> None:
    content = "Nr,Filled in,Comment\n1,14.06.2026 09:30,slow\n2,14.06.2026 09:31,fast\n"
    report, _, _ = imported(tmp_path, content)
    (said,) = [said for said in report.decided if "happened now" in said]
    assert "none of the first 2 rows has one" in said
    assert "--map 'occurred_at=Filled in'" in said
    report, events, _ = imported(tmp_path, "created,text\n2026-06-14,slow\n,fast\n")
    assert len(events) == 1
    assert any("no time in 1 of the first 2 rows" in said for said in report.decided)
