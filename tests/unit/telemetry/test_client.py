from __future__ import annotations

import pytest

from contracts.personal_data import truncate_address
from processors.telemetry.client import understand_user_agent

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
)
TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("text", "browser", "system", "device"),
    [
        (IPHONE, "Mobile Safari", "iOS", "mobile"),
        (CHROME, "Chrome", "Windows", "desktop"),
        (PIXEL, "Chrome Mobile", "Android", "mobile"),
        (TABLET, "Chrome", "Android", "tablet"),
        (GOOGLEBOT, "Googlebot", None, "bot"),
        ("curl/8.5.0", "curl", None, "program"),
        ("shop-web/2.3.1", None, None, "program"),
        ("", None, None, "unknown"),
        ("x" * 100_000, None, None, "unknown"),
    ],
)
def test_user_agents(text: str, browser: str | None, system: str | None, device: str) -> None:
    found = understand_user_agent(text)
    assert (found.browser, found.os, found.device) == (browser, system, device)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("[2001:db8::1]", "2001:db8::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("unknown", None),
        ("999.1.1.1", None),
    ],
)
def test_addresses_are_cut_to_their_network(address: str, network: str | None) -> None:
    assert truncate_address(address) == network
