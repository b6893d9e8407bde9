"""The preview pages as a browser lays them out: nothing empty, nothing cut, nothing beside the page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sinks.kibana.catalogue import DASHBOARDS
from sinks.kibana.written import FILE

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
BROWSER_S = 90.0
SIZE = "1400,3000"
LOOK = """<script>
const boxes = [...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect());
const cut = [...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.offsetWidth + 1);
const title = one => one.closest('section').querySelector('h2').textContent;
document.documentElement.dataset.seen = JSON.stringify({
  panels: document.querySelectorAll('section').length,
  charts: boxes.length,
  empty: boxes.filter(box => box.width < 50 || box.height < 50).length,
  unnamed: document.querySelectorAll('svg:not([aria-label]), table:not(:has(caption))').length,
  beside: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
  cut: cut.map(title),
});
</script>"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to lay out a page")


def laid_out(page: Path) -> dict[str, Any]:
    """What a browser makes of the page."""
    assert CHROMIUM
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={SIZE}", "--dump-dom"]
    profile = f"--user-data-dir={page.parent / 'profile'}"
    done = subprocess.run([*command, profile, page.as_uri()], capture_output=True, timeout=BROWSER_S, check=True)
    found = re.search(r'data-seen="([^"]*)"', done.stdout.decode())
    assert found, done.stderr.decode()[-500:]
    seen: dict[str, Any] = json.loads(unescape(found[1]))
    return seen


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.id)
def test_a_page_shows_everything_it_has(dashboard: Any, tmp_path: Path) -> None:
    name = f"{dashboard.id.removeprefix('hypercare-')}.html"
    page = tmp_path / name
    page.write_text((FILE.parent / name).read_text().replace("</body>", f"{LOOK}</body>"))
    seen = laid_out(page)
    assert seen["panels"] == len(dashboard.panels), "the page is of an earlier version: draw it anew"
    assert (seen["empty"], seen["unnamed"], seen["beside"]) == (0, 0, 0)
    assert seen["cut"] == [], "a table is wider than its panel"
