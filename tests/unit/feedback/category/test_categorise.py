"""What the shipped model says, and that it says so for reasons that stand in the text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.category.categorise import SURE, Categoriser
from processors.feedback.category.examples import CORPUS
from processors.feedback.category.labels import CATEGORIES
from processors.feedback.category.model import FILE, ModelUnreadable, read_model, write_model
from processors.feedback.category.train import train, version_of
from processors.feedback.category.words import visible
from tests.unit.feedback.category.test_words import HOSTILE

MOST_BYTES = 2 * 1024 * 1024
PLAIN = {
    "functional_bug": ("The app crashes when I save", "Die App stürzt beim Speichern ab", "打开就闪退"),
    "performance": ("Loading takes forever, so slow", "El informe tarda una eternidad en cargar", "加载太慢"),
    "usability": ("The menu is confusing and the text too small", "La navigation est confuse", "界面混乱 很难用"),
    "feature_request": (
        "Please add an option to export as PDF",
        "Bitte einen Dunkelmodus einbauen",
        "希望增加夜间模式",
    ),
    "security": (
        "I can see other customers' invoices without logging in",
        "Minha conta foi invadida, alguém mudou minha senha",
        "密码明文显示 信息泄露",
    ),
    "praise": ("Love it, best app ever, thank you!", "Excelente aplicativo, parabéns", "太棒了 非常好用"),
    "question": ("How do I change my address?", "Comment puis-je exporter mes factures ?", "请问怎么导出发票"),
    "other": ("Please cancel my subscription", "Bitte mein Abo kündigen", "我要退款 取消订阅"),
}


@pytest.fixture(scope="module")
def categoriser() -> Categoriser:
    return Categoriser.shipped()


@pytest.mark.parametrize(("category", "text"), [(c, t) for c, texts in PLAIN.items() for t in texts])
def test_plain_words_are_understood_in_each_language(categoriser: Categoriser, category: str, text: str) -> None:
    assert categoriser.judge(None, text).category == category


@pytest.mark.parametrize(("category", "text"), [(c, t) for c, texts in PLAIN.items() for t in texts])
def test_the_words_that_decided_stand_in_the_text(categoriser: Categoriser, category: str, text: str) -> None:
    said = categoriser.judge("", text)
    assert said.words, category
    assert all(word in text for word in (*said.words, *said.security.words))


@given(st.text(max_size=300), st.none() | st.text(max_size=80), st.sampled_from([None, "en", "de-AT", "ru", "zz"]))
def test_probabilities_add_up_for_any_text(text: str, title: str | None, language: str | None) -> None:
    said = JUDGE.judge(title, text, language=language)
    assert tuple(said.probabilities) == CATEGORIES
    assert sum(said.probabilities.values()) == pytest.approx(1, abs=0.01)
    assert said.probability == max(said.probabilities.values())
    assert 0 <= said.security.probability <= 1
    assert said.needs_triage or (said.probability >= SURE - 0.001 and said.language_supported)


JUDGE = Categoriser.shipped()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_judged(categoriser: Categoriser, text: str) -> None:
    said = categoriser.judge(text, text)
    assert all(word in visible(text) for word in said.words)


def test_a_language_nobody_taught_is_told_and_wants_a_person(categoriser: Categoriser) -> None:
    said = categoriser.judge(None, "App crashes on start", language="ru")
    assert not said.language_supported
    assert said.needs_triage
    assert said.probability < categoriser.judge(None, "App crashes on start", language="en").probability
    assert not categoriser.judge(None, "Приложение закрывается сразу после запуска").language_supported


def test_security_is_found_beside_any_category(categoriser: Categoriser) -> None:
    said = categoriser.judge("Add two-factor authentication", "We would like 2FA for the login.")
    assert said.category == "feature_request"
    assert said.security.flagged
    assert said.security.words
    assert not categoriser.judge(None, "Love the new colours, great app").security.flagged


def test_one_security_report_stands_out_of_a_flood_of_others(categoriser: Categoriser) -> None:
    flood = [categoriser.judge(None, f"Buy cheap watches {n} at https://example.com/win") for n in range(50)]
    report = categoriser.judge(None, "SQL injection in the search box, I can read all customers' passwords")
    assert report.security.probability > max(said.security.probability for said in flood)


def test_the_model_is_small_and_that_of_the_corpus() -> None:
    assert FILE.stat().st_size <= MOST_BYTES
    assert read_model().version == version_of(CORPUS), "the corpus was changed: run `make model`"


def test_a_model_is_stored_and_read_as_it_was_and_made_twice_the_same(tmp_path: Path) -> None:
    few = {"en": 6, "de": 2}
    model, again = train(few, rounds=1), train(few, rounds=1)
    assert (model.weights == again.weights).all()
    write_model(model, tmp_path / "m.npz")
    read = read_model(tmp_path / "m.npz")
    assert (read.weights == model.weights).all()
    assert read.temperature == model.temperature
    write_model(again, tmp_path / "n.npz")
    assert (tmp_path / "m.npz").read_bytes() == (tmp_path / "n.npz").read_bytes()


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 half a model"])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(ModelUnreadable, match="make model"):
        read_model(tmp_path / "m.npz")
    with pytest.raises(ModelUnreadable):
        Categoriser.shipped(tmp_path / "absent.npz")


def test_a_model_of_another_format_is_refused(tmp_path: Path) -> None:
    about = np.frombuffer(json.dumps({"format": 99}).encode(), np.uint8)
    np.savez(tmp_path / "m.npz", about=about, steps=np.zeros(0, np.uint32), weights=np.zeros((0, 9), np.int8))
    with pytest.raises(ModelUnreadable):
        read_model(tmp_path / "m.npz")
