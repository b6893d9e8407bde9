"""Which download and which Java an engine gets on this machine, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.errors import Stop
from hypercare.engines.distributions import ELASTICSEARCH_8, ELASTICSEARCH_9, KAFKA, Distribution
from hypercare.engines.java import INSTALL_JAVA, Jvm, at_least
from hypercare.engines.settings import ElasticsearchVersion
from hypercare.engines.unprivileged import Account, can_enter

EngineName = Literal["kafka", "elasticsearch"]

# The first that some Java here can run.
BY_VERSION: dict[ElasticsearchVersion, tuple[Distribution, ...]] = {
    "auto": (ELASTICSEARCH_9, ELASTICSEARCH_8),
    "8": (ELASTICSEARCH_8,),
    "9": (ELASTICSEARCH_9,),
}
OTHER_VERSION = "HYPERCARE_ELASTICSEARCH_VERSION"


@dataclass(frozen=True, slots=True)
class Kit:
    """A distribution, the Java to run it, and one line for people on why it is this one."""

    distribution: Distribution
    jvm: Jvm
    reason: str = ""


def equip_kafka(jvms: Sequence[Jvm], account: Account | None) -> Kit:
    """Return the kit that ``account`` can run, or raise `Stop` naming what Java is here."""
    return _first_that_runs((KAFKA,), jvms, account, reason="")


def equip_elasticsearch(
    jvms: Sequence[Jvm], account: Account | None, *, version: ElasticsearchVersion = "auto", written_by: str = ""
) -> Kit:
    """Return the kit of the wanted ``version``; ``auto`` takes the newest that a Java here can run.

    ``written_by`` is the title of the distribution whose data are in the home: neither version opens the other's, so
    ``auto`` stays with it, and asking for the other one is a `Stop`.
    """
    wanted = BY_VERSION[version]
    mine = tuple(what for what in BY_VERSION["auto"] if what.title == written_by)
    if mine and version == "auto":
        return _first_that_runs(mine, jvms, account, reason="which wrote the data in this home")
    if mine and mine != wanted:
        raise Stop(
            f"The data in this home were written by {mine[0].title}; {wanted[0].title} cannot open them.",
            fix=f"Set {OTHER_VERSION} to auto, or HYPERCARE_HOME to another folder.",
        )
    if version != "auto":
        return _first_that_runs(wanted, jvms, account, reason=f"which {OTHER_VERSION} asks for")
    kit = _first_that_runs(wanted, jvms, account, reason="")
    return Kit(kit.distribution, kit.jvm, reason=_why(kit.distribution))


def _why(chosen: Distribution) -> str:
    if chosen is ELASTICSEARCH_8:
        return f"because {ELASTICSEARCH_9.title} needs Java {ELASTICSEARCH_9.java}, which was not found"
    return "the newest that is offered"


def _first_that_runs(wanted: Sequence[Distribution], jvms: Sequence[Jvm], account: Account | None, reason: str) -> Kit:
    for distribution in wanted:
        fitting = [jvm for jvm in jvms if jvm.major <= (distribution.java_at_most or jvm.major)]
        jvm = at_least(distribution.java, fitting, usable=lambda jvm: can_enter(jvm.home, account))
        if jvm is not None:
            return Kit(distribution, jvm, reason)
    here = ", ".join(f"Java {jvm.major} in {jvm.home}" for jvm in jvms) or "no Java at all"
    user = f" that user {account.name} can reach" if account else ""
    least = wanted[-1]
    span = f"{least.java} to {least.java_at_most}" if least.java_at_most and jvms else f"{least.java} or later"
    because = f" ({reason})" if reason else ""
    raise Stop(f"{least.title}{because} needs Java {span}{user}; found {here}.", fix=INSTALL_JAVA)
