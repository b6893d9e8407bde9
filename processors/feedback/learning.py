"""What analysts taught about categories, project by project."""

from __future__ import annotations

from processors.feedback.category.learned import Learned, Relabel
from processors.runtime import metrics
from processors.runtime.tables import State, TableSpec

RELABELS: TableSpec[Relabel] = TableSpec(
    "feedback_relabels", encode=Relabel.encode, decode=Relabel.decode, capacity=100_000
)


class Learning:
    """The relabels of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._table = state[RELABELS]
        found: dict[str, list[Relabel]] = {}
        for key, relabel in self._table.items():
            found.setdefault(key.partition("|")[0], []).append(relabel)
        self._of = {project: Learned(some) for project, some in found.items()}

    def of(self, project: str) -> Learned | None:
        """What is known of a project, if anything."""
        learned = self._of.get(project)
        return learned if learned is not None and len(learned) else None

    def label(self, project: str, feedback: str) -> str | None:
        """What an analyst said a piece of feedback is; the last word counts."""
        learned = self._of.get(project)
        said = [one for one in learned.relabels() if one.feedback == feedback] if learned else []
        return said[-1].label if said else None

    def learn(self, project: str, relabel: Relabel) -> None:
        """Take one in; the oldest makes room, as in the table."""
        learned = self._of.setdefault(project, Learned())
        if any(known.id == relabel.id for known in learned.relabels()):
            return
        for gone in learned.relabel(relabel):
            metrics.CAPPED.labels("relabel").inc()
            self._table.pop(f"{project}|{gone.id}")
        self._table[f"{project}|{relabel.id}"] = learned.relabels()[-1]

    def unlearn(self, project: str, relabel: str) -> bool:
        """Take one back; whether it was known."""
        learned = self._of.get(project)
        if learned is None or not learned.take_back(relabel):
            return False
        self._table.pop(f"{project}|{relabel}")
        return True
