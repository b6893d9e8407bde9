"""The calls to language models of one partition's projects, and what is unusual about them."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from contracts.agreements import Limits
from contracts.windows import OTHER, AiSums
from processors.health.ai.memory import MODELS, RECENT_MINUTES, ModelUse
from processors.health.ai.rules import Told, judged, went_over
from processors.health.by_project import by_name
from processors.health.sighting import Sighting
from processors.health.totals import Window
from processors.runtime import metrics
from processors.runtime.tables import State

MOST = 200
"""Models of a project that are told apart."""
Key = tuple[str, str]
"""Provider and model that was asked for."""


class AiCalls:
    """The models of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[MODELS])

    def take(self, project: str, window: Window) -> None:
        """Take a closed window in."""
        by_model: dict[Key, list[AiSums]] = {}
        for sums in window.ai:
            by_model.setdefault((sums.provider, sums.request_model), []).append(sums)
        for key, some in by_model.items():
            name = orjson.dumps(key).decode()
            use = self._known.get(project, name)
            if use is None:
                if OTHER in key or self._known.count(project) >= MOST:
                    metrics.CAPPED.labels("model").inc()
                    continue
                use = ModelUse(window.start, window.start)
            use.take(window.start, some)
            self._known.keep(project, name, use)

    def look(self, project: str, end: int, limits: Limits) -> Iterator[Sighting]:
        """What is unusual at the end of a window."""
        models: dict[Key, ModelUse] = {}
        for name, use in self._known.of(project):
            provider, model = orjson.loads(name)
            models[provider, model] = use
            for told in judged(use, end, limits):
                if told.kind == "ai_cost" and not use.told:
                    use.told = True
                    self._known.keep(project, name, use)
                yield _sighting({"provider": provider, "model": model, **told.cause}, told, end)
        for told in went_over(models, end):
            yield _sighting(dict(told.cause), told, end)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)


def _sighting(cause: dict[str, str], told: Told, end: int) -> Sighting:
    return Sighting(
        kind=told.kind,
        cause=tuple(sorted((name, value) for name, value in cause.items() if value)),
        since=end - RECENT_MINUTES * 60 if told.since is None else told.since,
        until=end,
        calls=told.calls,
        observed=told.observed,
        expected=told.expected,
        score=told.score,
        confidence=told.confidence,
        detectors=("ai_calls",),
        blame=told.blame,
        numbers=dict(told.numbers),
    )
