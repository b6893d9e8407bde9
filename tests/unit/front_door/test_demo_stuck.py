"""A demo that does not get on says why, as the stage that stopped said it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from contracts.errors import Stop
from hypercare import demo
from hypercare.engines.console_progress import QuietProgress
from hypercare.lag import StageLag
from hypercare.last_words import LastWords
from hypercare.service import Service

WORDS = LastWords("what the stage remembers does not fit together", "`hypercare rebuild feedback`", "")


def behind() -> list[StageLag]:
    return [StageLag("telemetry", 10, 10), StageLag("feedback", 20_000, 4_395)]


@pytest.mark.parametrize(
    ("words", "said", "fix"),
    [
        (WORDS, "left: feedback 15,605. feedback ended by what the stage remembers does not fit", WORDS.fix),
        (None, "left: feedback 15,605.", "look again with `hypercare up`, then `hypercare status`"),
    ],
)
def test_a_stage_that_stopped_is_quoted(
    words: LastWords | None, said: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STUCK_AFTER_S", 0.0)
    service: Any = SimpleNamespace(last_words=lambda _: words)
    with pytest.raises(Stop) as stopped:
        demo._drained(cast("Service", service), behind, QuietProgress())
    assert said in stopped.value.problem
    assert stopped.value.fix == fix
