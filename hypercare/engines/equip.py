"""Which download and which Java an engine gets on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.errors import Stop
from hypercare.engines.distributions import ELASTICSEARCH_8, ELASTICSEARCH_9, KAFKA, Distribution
from hypercare.engines.java import INSTALL_JAVA, Jvm, at_least
from hypercare.engines.unprivileged import Account, can_enter

EngineName = Literal["kafka", "elasticsearch"]

# The first that some Java here can run.
PREFERENCE: dict[EngineName, tuple[Distribution, ...]] = {
    "kafka": (KAFKA,),
    "elasticsearch": (ELASTICSEARCH_9, ELASTICSEARCH_8),
}


@dataclass(frozen=True, slots=True)
class Kit:
    """A distribution and the Java to run it."""

    distribution: Distribution
    jvm: Jvm


def equip(engine: EngineName, jvms: Sequence[Jvm], account: Account | None) -> Kit:
    """Return the best kit that ``account`` can run, or raise `Stop` naming what Java is here."""
    for distribution in PREFERENCE[engine]:
        jvm = at_least(distribution.java, jvms, usable=lambda jvm: can_enter(jvm.home, account))
        if jvm is not None:
            return Kit(distribution=distribution, jvm=jvm)
    here = ", ".join(f"Java {jvm.major} in {jvm.home}" for jvm in jvms) or "no Java at all"
    user = f" that user {account.name} can reach" if account else ""
    least = PREFERENCE[engine][-1]
    raise Stop(
        f"{least.title} needs Java {least.java} or later{user}; found {here}.",
        fix=INSTALL_JAVA,
    )
