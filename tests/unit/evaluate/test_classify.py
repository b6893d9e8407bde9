"""Files of texts: what is read, what is refused, what is written, and how well public reports are told."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.quality import categories
from contracts.errors import Stop
from hypercare.commands.evaluate import app
from hypercare.evaluate.adapt import adapt, mean
from hypercare.evaluate.classify import classify, find_security
from hypercare.evaluate.texts import read_texts

DATA = Path(os.environ.get("DATA", Path(__file__).parents[4] / "shared" / "data"))
TEXTS = """id,title,text,label
1,,"It crashes, always",bug
2,Dark mode,Please add a dark mode,feature
3,,Love it,other
4,,How do I print?,other
"""


def file(at: Path, content: str, name: str = "in", *, packed: bool = False) -> Path:
    path = at / name
    path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
    return path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("packed", [False, True])
def test_each_text_gets_a_line_in_the_product_s_categories(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a table
    said = classify(file(tmp_path, TEXTS, packed=packed), tmp_path / "out")
    assert said.texts == 4
    assert said.scores["macro-F1"] == 1
    written = lines(tmp_path / "out")
    assert [line["category"] for line in written] == ["functional_bug", "feature_request", "praise", "question"]
    assert set(written[0]) == {"id", "category", "probabilities", "words", "needs_triage", "security"}


def test_json_lines_say_the_same_as_csv(tmp_path: Path) -> None:
    rows = [{"id": 1, "title": None, "text": "It crashes, always", "label": "bug", "more": [1]}]
    ndjson = file(tmp_path, "\n".join(map(json.dumps, rows)) + "\n\n", "in.ndjson")
    (one,) = read_texts(ndjson)
    assert one == read_texts(file(tmp_path, TEXTS))[0]


def test_labels_of_another_file_are_taught(tmp_path: Path) -> None:
    train = "id,text,label\n" + "".join(
        f"{n},the {'cat' if n % 2 else 'dog'} number {n},{'A' if n % 2 else 'B'}\n" for n in range(20)
    )
    test = "id,text,label\na,my cat,A\nb,your dog,B\n"
    said = classify(file(tmp_path, test), tmp_path / "out", train=file(tmp_path, train, "train"))
    assert said.scores == {"macro-F1": 1.0, "accuracy": 1.0}
    assert [line["category"] for line in lines(tmp_path / "out")] == ["A", "B"]
    assert lines(tmp_path / "out")[0]["words"] == ["cat"]


def test_labels_that_mean_nothing_to_the_product_are_not_scored(tmp_path: Path) -> None:
    assert classify(file(tmp_path, "id,text,label\n1,hello,XY\n"), tmp_path / "out").scores == {}
    assert classify(file(tmp_path, "id,text\n1,hello\n"), tmp_path / "out").scores == {}


def test_security_is_scored_as_shipped_and_as_taught(tmp_path: Path) -> None:
    rows = [
        ("passwords in clear text", 1),
        ("any user can read foreign data", 1),
        ("blue is nice", 0),
        ("add a chart", 0),
    ]
    texts = "id,text,label\n" + "".join(
        f"{n}-{i},{text} {i},{yes}\n" for i in range(4) for n, (text, yes) in enumerate(rows)
    )
    source = file(tmp_path, texts)
    for train in (None, file(tmp_path, texts, "train")):
        said = find_security(source, tmp_path / "out", train=train)
        assert said.scores["recall"] == 1
        assert all(line["security"] == (line["score"] >= line["threshold"]) for line in lines(tmp_path / "out"))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "no column id"),
        ("id,words\n1,a\n", "no column text"),
        ("id,text\n", "holds no texts"),
        ("id,text\n1,a\n1,b\n", "line 3: id '1' was given before"),
        ('{"id": 1}\n', "line 1: there is no text"),
        ('{"id": 1, "text": "a"}\n{"id": 2,\n', "line 2"),
        ('{"id": 1, "text": "a"}\n[1]\n', "line 2 is no JSON object"),
        ('id,text\n1,"open\n', "line"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(Stop, match=problem) as stop:
        read_texts(file(tmp_path, content))
    assert stop.value.fix
    assert stop.value.exit_code == 2


def test_files_that_are_not_there_or_broken_are_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="absent"):
        read_texts(tmp_path / "absent")
    (tmp_path / "cut").write_bytes(gzip.compress(TEXTS.encode())[:20])
    with pytest.raises(Stop, match="cut"):
        read_texts(tmp_path / "cut")
    with pytest.raises(Stop, match="no label"):
        classify(file(tmp_path, TEXTS), tmp_path / "out", train=file(tmp_path, "id,text\n1,a\n", "train"))
    with pytest.raises(Stop, match="two different labels"):
        classify(file(tmp_path, TEXTS), tmp_path / "out", train=file(tmp_path, "id,text,label\n1,a,x\n", "train"))
    with pytest.raises(Stop, match="labelled 'bug'"):
        find_security(file(tmp_path, TEXTS), tmp_path / "out")
    with pytest.raises(Stop, match="labelled 'strange'"):
        adapt(file(tmp_path, "id,text,label\n1,a,strange\n"), file(tmp_path, TEXTS, "train"))
    with pytest.raises(Stop, match="no/out"):
        classify(file(tmp_path, TEXTS), tmp_path / "no" / "out")


def test_relabels_help_on_a_product_with_words_of_its_own(tmp_path: Path) -> None:
    def texts(first: int, last: int) -> str:
        said = {
            "bug": "frobnitz {n} went zonk",
            "feature": "frobnitz {n} wants quux",
            "other": "frobnitz {n} hums along",
        }
        return "id,text,label\n" + "".join(
            f"{n}{label},{text.format(n=n)},{label}\n" for n in range(first, last) for label, text in said.items()
        )

    said = adapt(file(tmp_path, texts(50, 80)), file(tmp_path, texts(0, 40), "train"))
    assert (said.texts, said.relabels) == (90, 100)
    assert mean(said.warm) > 0.95 > mean(said.cold)


def test_the_commands_say_how_well_it_went(tmp_path: Path) -> None:
    source = str(file(tmp_path, TEXTS))
    said = CliRunner().invoke(app, ["classify", "--input", source, "--output", str(tmp_path / "out")])
    assert said.exit_code == 0
    assert "4 texts judged" in said.output
    assert "macro-F1 1.000" in said.output
    said = CliRunner().invoke(app, ["adapt", "--input", source, "--train", source])
    assert said.exit_code == 0
    assert "after 4 relabels" in said.output


@pytest.mark.skipif(not (DATA / "security").is_dir(), reason=f"{DATA}/security is not there: public reports")
@pytest.mark.slow
def test_public_security_reports_are_found_well_enough() -> None:
    g, printed = categories.judged_by_the_scorer(DATA, "derby", categories.reports_of(DATA, "derby"))
    assert g >= categories.G_WANTED[0], printed
