"""Quantiles of latency histograms with a relative error of 1 %.

Source: Masson, Rim, Lee, "DDSketch", VLDB 2019, algorithm 3.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.windows import LATENCY_RATIO


def middle_ms(bucket: int) -> float:
    """The value that is within 1 % of everything in a bucket."""
    return 2.0 * LATENCY_RATIO**bucket / (LATENCY_RATIO + 1.0)


def bucket_at(histogram: Mapping[int, float], share: float) -> int | None:
    """The bucket below or in which ``share`` of the calls lie; None without calls."""
    left = share * sum(histogram.values())
    found = None
    for bucket in sorted(histogram):
        found = bucket
        left -= histogram[bucket]
        if left <= 0:
            break
    return found


def quantile_ms(histogram: Mapping[int, float], share: float) -> float | None:
    """A quantile in milliseconds; None without calls."""
    bucket = bucket_at(histogram, share)
    return None if bucket is None else middle_ms(bucket)
