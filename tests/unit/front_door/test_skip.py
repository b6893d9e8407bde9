from __future__ import annotations

import pytest

from contracts.dead_letters import described
from contracts.errors import Stop
from contracts.topics import CATALOGUE
from hypercare.flow import READS, reader_of, writes
from hypercare.skip import Wish, check_position, check_wish, letter_of
from hypercare.stages import STAGES
from hypercare.topic_reader import Found, Place, place_of

PLACE = Place("hypercare.gateway.v1", 3, 17)
WISH = Wish("telemetry", PLACE)


@pytest.mark.parametrize("text", ["", "t", "t/1", "t/1/x", "t/x/1", "/1/1", "t/1/-1", "t/1/1/1", "t/1/" + "9" * 30])
def test_what_is_no_place_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Stop) as stopped:
        place_of(text)
    assert "TOPIC/PARTITION/OFFSET" in stopped.value.fix


def test_a_place_is_read_as_it_is_written() -> None:
    assert place_of(str(PLACE)) == PLACE


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("tele", PLACE), "no stage"),
        (Wish("feedback", PLACE), "does not read"),
        (Wish("telemetry", PLACE, first=18), "after the record"),
        (Wish("telemetry", Place(PLACE.topic, 3, 20_000), first=0), "more than 10,000"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wish: Wish, said: str) -> None:
    with pytest.raises(Stop, match=said):
        check_wish(wish, "")


def test_only_an_empty_group_that_reads_the_record_next_is_moved() -> None:
    check_position(WISH, 17, members=0)
    check_position(Wish("telemetry", PLACE, first=12), 12, members=0)
    for offset, members, fix in ((17, 1, "hypercare stop telemetry"), (18, 0, "status"), (12, 0, "--from 12")):
        with pytest.raises(Stop) as stopped:
            check_position(WISH, offset, members)
        assert fix in stopped.value.fix


def test_the_letter_keeps_everything_and_says_why() -> None:
    record = Found(b"\xff", b"k", (("ce_source", b"urn:x"), ("n", None)), PLACE.topic, 3, 17)
    letter = letter_of(record, WISH, "")
    headers = letter.message_headers()
    assert (letter.key, letter.value, tuple(headers[:2])) == (b"k", b"\xff", record.headers)
    said = described((name, value if isinstance(value, bytes) else None) for name, value in headers)
    assert (said["reason"], said["offset"], said["origin"]) == ("skipped_by_person", "17", "urn:x")
    before = Found(b"", None, (), PLACE.topic, 3, 16, headers_unreadable=True)
    letter = letter_of(before, WISH, "")
    assert letter.reason == "skipped_along"
    assert "headers cannot be read" in letter.detail
    named = Found(b"", None, (("ce_source", b"urn:ana@example.com"),), PLACE.topic, 3, 17)
    assert letter_of(named, WISH, "").origin == "urn:[email]", "what is indexed is masked, whoever writes it"


def test_every_stage_and_every_topic_has_its_place_in_the_flow() -> None:
    assert set(READS) == set(STAGES)
    assert reader_of("hypercare.calls.v1.dlq") == "sink-deadletters"
    assert reader_of("other") == ""
    assert [topic.name for topic in writes("telemetry")] == [
        "hypercare.calls.v1",
        "hypercare.symptoms.v1",
        "hypercare.windows.v1",
        "hypercare.gateway.v1.dlq",
    ]
    assert writes("sink-deadletters") == ()
    assert {topic for stage in READS for topic in (*READS[stage], *writes(stage))} <= set(CATALOGUE)
