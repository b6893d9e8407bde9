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
WIDE, NARROW = "1400,3000", "520,3000"
"""Chromium without a screen makes no window below 500 pixels."""
LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, level AA."""
LOOK = """<script>
const boxes = [...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect());
const cut = [...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.offsetWidth + 1);
const title = one => one.closest('section').querySelector('h2').textContent;
const lum = c => { const [r, g, b] = c.map(v => { v /= 255;
  return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
  return .2126 * r + .7152 * g + .0722 * b; };
const numbers = css => css.match(/[\\d.]+/g).map(Number);
const ground = one => { for (; one; one = one.parentElement) { const c = numbers(getComputedStyle(one).backgroundColor);
  if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
const contrast = one => { const style = getComputedStyle(one);
  const ink = numbers(one instanceof SVGElement ? style.fill : style.color).slice(0, 3);
  const [a, b] = [lum(ink), lum(ground(one))]; return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); };
const written = [...document.querySelectorAll('body *')].filter(one => !['SCRIPT', 'title'].includes(one.tagName)
  && [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
const faint = written.filter(one => contrast(one) < LEAST);
document.documentElement.dataset.seen = JSON.stringify({
  panels: document.querySelectorAll('section').length,
  charts: boxes.length,
  empty: boxes.filter(box => box.width < 50 || box.height < 50).length,
  unnamed: document.querySelectorAll('svg:not([aria-label]), table:not(:has(caption))').length,
  beside: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
  cut: cut.map(title),
  written: written.length,
  faint: faint.map(one => one.textContent.slice(0, 40) + contrast(one).toFixed(1)).slice(0, 5),
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
});
</script>""".replace("LEAST", str(LEAST_CONTRAST))

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to lay out a page")


def laid_out(page: Path, size: str, scheme: str) -> dict[str, Any]:
    """What a browser makes of the page."""
    assert CHROMIUM
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={size}", scheme, "--dump-dom"]
    profile = f"--user-data-dir={page.parent / 'profile'}"
    done = subprocess.run([*command, profile, page.as_uri()], capture_output=True, timeout=BROWSER_S, check=True)
    found = re.search(r'data-seen="([^"]*)"', done.stdout.decode())
    assert found, done.stderr.decode()[-500:]
    seen: dict[str, Any] = json.loads(unescape(found[1]))
    return seen


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.id)
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, LIGHT), (NARROW, DARK)], ids=["wide and light", "narrow and dark"])
def test_a_page_shows_everything_it_has(dashboard: Any, size: str, scheme: str, tmp_path: Path) -> None:
    name = f"{dashboard.id.removeprefix('hypercare-')}.html"
    page = tmp_path / name
    page.write_text((FILE.parent / name).read_text().replace("</body>", f"{LOOK}</body>"))
    seen = laid_out(page, size, scheme)
    assert seen["panels"] == len(dashboard.panels), "the page is of an earlier version: draw it anew"
    assert (seen["empty"], seen["unnamed"], seen["beside"]) == (0, 0, 0)
    assert seen["dark"] == (scheme == DARK)
    assert seen["written"] > seen["panels"]
    assert seen["faint"] == [], "letters that are hard to read"
    if size == WIDE:
        assert seen["cut"] == [], "a table is wider than its panel"
