"""User agents as browsers send them, with how common they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """A browser on a device; ``label`` is what a reporter would call it."""

    label: str
    os: str
    device: str
    share: int
    text: str


IOS_SAFARI = Agent(
    "Safari",
    "iOS",
    "iPhone",
    17,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1",
)
IOS_CHROME = Agent(
    "Chrome",
    "iOS",
    "iPhone",
    6,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " CriOS/137.0.7151.79 Mobile/15E148 Safari/604.1",
)
AGENTS: tuple[Agent, ...] = (
    Agent(
        "Chrome",
        "Windows",
        "PC",
        29,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/137.0.0.0 Safari/537.36",
    ),
    Agent(
        "Edge",
        "Windows",
        "PC",
        11,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0",
    ),
    Agent(
        "Firefox",
        "Windows",
        "PC",
        8,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0",
    ),
    Agent(
        "Safari",
        "macOS",
        "Mac",
        11,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/18.5 Safari/605.1.15",
    ),
    Agent(
        "Chrome",
        "Android",
        "phone",
        18,
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/137.0.0.0 Mobile Safari/537.36",
    ),
    IOS_SAFARI,
    IOS_CHROME,
)
OFFICE_AGENTS: tuple[Agent, ...] = AGENTS[:3]
SHARES = tuple(agent.share for agent in AGENTS)
