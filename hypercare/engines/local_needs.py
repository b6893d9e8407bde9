"""What local engines need of this machine, and what of it is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping

from contracts.errors import Stop
from hypercare.engines.distributions import ELASTICSEARCH_8
from hypercare.engines.download import state_of
from hypercare.engines.elasticsearch_node import written_by
from hypercare.engines.equip import equip_elasticsearch, equip_kafka
from hypercare.engines.java import installed_jvms
from hypercare.engines.maven import find_maven
from hypercare.engines.place import settle
from hypercare.engines.settings import EngineSettings

JAVA = ELASTICSEARCH_8.java


def missing_for_local(
    settings: EngineSettings, *, environ: Mapping[str, str] = os.environ, effective_uid: int | None = None
) -> str:
    """Return what has to be installed before engines can run here, as words for people; empty when nothing has.

    Any other trouble, such as a version that was asked for and cannot be had, is left for the start to tell.
    """
    try:
        jvms = installed_jvms(environ)
    except Stop:
        return ""
    if max((jvm.major for jvm in jvms), default=0) < JAVA:
        return f"Java {JAVA} or later is not installed"
    place = settle(settings, environ=environ, effective_uid=effective_uid)
    try:
        version, data = settings.elasticsearch_version, written_by(place)
        kits = (
            equip_kafka(jvms, place.account),
            equip_elasticsearch(jvms, place.account, version=version, written_by=data),
        )
    except Stop:
        return ""
    here = all(state_of(kit.distribution, place.cache)[0] == "whole" for kit in kits)
    return "" if here or _has_maven(environ) else "Maven is not installed"


def _has_maven(environ: Mapping[str, str]) -> bool:
    try:
        find_maven(environ)
    except Stop:
        return False
    return True
