from __future__ import annotations

from pathlib import Path

import pytest

from producers.importing import import_file
from producers.outlet import MemoryOutlet

LOG = Path(__file__).parents[4] / "shared" / "data" / "access-logs" / "apache_combined.log.gz"


def test_only_the_one_truncated_line_of_ten_thousand_is_rejected() -> None:
    """Line 8,899 ends inside the user agent, without its closing quote."""
    if not LOG.exists():
        pytest.skip("../shared/data is not here")
    outlet = MemoryOutlet()
    report = import_file(str(LOG), kind="calls", publisher=outlet, keep_times=True)
    assert (report.read, report.published) == (10_000, 9_999)
    assert [(line, reason) for line, reason, _ in report.first_rejections] == [(8_899, "truncated_line")]
    assert (outlet.letters[0].value or b"").endswith(b"+http://www.google.com/bot.html")
