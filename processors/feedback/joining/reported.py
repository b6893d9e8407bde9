"""How much likelier a failing pattern makes a complaint than another one, learned from who complained so far.

Some failures are met by many and told by nobody: retries hide them, or they hit a program. Where people complain more
of a pattern than its part of all failing calls lets expect, the next complaint is about it, too, rather.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from processors.feedback.joining.patterns import Patterns
from processors.feedback.joining.reporters import Reporters

Floats = npt.NDArray[np.float64]
STRENGTH = 3.0
"""Reporters that the expectation, as many a call of each pattern, is worth."""
MOST = 1.5
"""Points for or against it at the most: a fault that begins has no reporters yet."""


def patterns_reported(project: str, patterns: Patterns, reporters: Reporters) -> Floats:
    """Points by number of a pattern."""
    size = patterns.count(project)
    calls, people = np.zeros(size), np.zeros(size)
    for number, pattern in patterns.of(project):
        calls[number] = pattern.calls
        people[number] = reporters.of(project, number).reporters
    return reported(calls, people)


def reported(calls: Floats, people: Floats) -> Floats:
    """Points of each pattern, given its calls and how many people complained of them.

    Over all calls the mean of the odds is 1: complaints are not about calls more often for being told of others.
    """
    if not calls.sum() or not people.sum():
        return np.zeros(len(calls))
    expected = calls * people.sum() / calls.sum()
    points = np.clip(np.log((people + STRENGTH) / (expected + STRENGTH)), -MOST, MOST)
    odds: Floats = np.exp(points)
    relative: Floats = points - np.log(float((calls * odds).sum() / calls.sum()))
    return relative
