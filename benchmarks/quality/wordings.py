# ruff: noqa: E501, SIM905 - a wording stands on one line, a list of things on few
"""Two problems at once among many other things, in wordings that share few words; written for this project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

PROBLEMS: dict[str, tuple[str, ...]] = {
    "payment": (
        "I press pay and after {n} seconds it says payment failed. My cart is still full.",
        "Cannot check out with my card, the bank app never even asks me to confirm.",
        "The purchase was declined {n} times although there is enough money on the account.",
        "Checkout stops at the last step with a red bar.",
        "Tried visa and mastercard, neither transaction goes through on your site.",
        "Paying with my phone ends in 'bad gateway'.",
        "You charged nothing, the payment page just threw an error and threw me out.",
        "My card gets refused at the final confirmation since {day}.",
        "Buying {thing} is impossible: the pay button does nothing.",
        "Transaction could not be completed, says the checkout. Third try this morning.",
        "I wanted to buy {thing}, entered the card number, then a white screen where payment should be.",
        "payment not accepted!! tried {n} cards already, I give up",
    ),
    "reports": (
        "The stock report takes {n} minutes to open since {day}.",
        "Report of movements hangs, the customer on the line had to wait.",
        "Everything in reporting is terribly slow today.",
        "I clicked on the monthly report and the spinner never ends.",
        "Loading the sales dashboard times out for the whole department.",
        "Our reports crawl, a week ago they opened in a second.",
        "It takes ages until the dashboard shows any totals.",
        "Generating statistics froze my window for {n} minutes.",
        "Waiting and waiting for the inventory report, cannot answer callers.",
        "The report page is still loading, went for a coffee and came back, nothing.",
        "Timeout when I run the weekly report in the afternoon.",
        "Charts in the dashboard are very sluggish, above all at noon.",
    ),
    "login": (
        "I cannot log in any more, it says the password is wrong but it is not.",
        "Sign in page sends me back to the start again and again.",
        "After the update my credentials are no longer accepted.",
        "Logged out every {n} minutes and then the login refuses me.",
        "The second factor code never works when I authenticate.",
        "Login impossible since {day} for everyone in our office.",
        "Resetting the password did not help, still locked out at sign in.",
        "It tells me 'authentication error' whenever I log on.",
        "My colleague and I are both unable to sign in with the company account.",
        "Signing in with the right password ends in an endless circle.",
        "logon fails, {n} attempts",
        "I enter my password and land on the login form again.",
    ),
    "upload": (
        "Uploading a photo stops at {n}0 percent.",
        "I cannot attach files to my request, the upload fails every time.",
        "Attachment rejected without any message, it is a small pdf.",
        "The file upload says 'network error' since {day}.",
        "My documents do not upload, the bar stays empty.",
        "Attaching pictures to a ticket is broken.",
        "Tried to upload the contract {n} times, each time an error.",
        "Drag and drop of attachments does nothing now.",
        "uploaded images vanish after I press save",
        "Upload of a spreadsheet ends with code 413.",
        "The attach button opens nothing on my laptop.",
        "Every attachment larger than {n} MB fails to upload.",
    ),
}  # fmt: skip
THINGS = tuple(
    "lamp|kettle|backpack|office chair|keyboard|blanket|tent|water bottle|mirror|wall clock|garden hose|toaster|bicycle pump|"
    "rain jacket|desk|pillow|frying pan|curtain|bookshelf|candle|coffee grinder|umbrella|sleeping bag|carpet|watering can".split(
        "|"
    )
)
_SUBJECTS = tuple(
    "size table|product photos|wish list|font on the start page|cookie banner|opening hours|newsletter|gift wrapping|"
    "return label|colour filter|store finder|loyalty points|sorting by rating|size of the buttons|dark theme|menu on the left|"
    "video on the front page|warranty text|live map|help pages|translation of the terms|calendar view|keyboard shortcuts|"
    "background picture|customer reviews|company address|barcode scanner|unit of weight|language switch|sound of the alarm|"
    "shopping guide|recipe section|delivery window|spare parts list|comparison view|address book|voice control|contact form|"
    "profile picture|tax table|time zone|tooltip texts|onboarding tour|comment field|category tree|zoom of images|footer links|"
    "currency switch|seat plan|holiday notice".split("|")
)
_HEADS = (
    "The {s} is hard to read",
    "Love the new {s}",
    "Could you bring back the old {s}",
    "I looked everywhere for the {s}",
    "There is a typo in the {s}",
    "Please add a {s}",
    "Nobody here understands the {s}",
    "The {s} covers half of the picture",
    "Whoever made the {s} deserves a raise",
    "It is not clear what the {s} is good for",
    "The {s} is only in English",
    "The {s} is outdated",
    "Since the redesign the {s} looks crowded",
    "I would like to hide the {s}",
    "The {s} is misleading",
    "A {s} would be lovely",
    "My neighbour showed me the {s}",
    "The colours of the {s} hurt my eyes",
    "Is the {s} new",
    "I accidentally clicked the {s}",
    "The {s} talks too much",
    "What a clever {s}",
    "The {s} belongs further up",
    "Kids love the {s}",
    "The {s} is too small for my fingers",
    "You promised a {s} last spring",
)
_TAILS = (
    "on my tablet.",
    "while I was choosing a {t}.",
    "and I use it daily.",
    "as in your old shop.",
    "in the evening sun.",
    "when you buy a {t} for somebody else.",
    "but the {t} itself is great.",
    "so I called the hotline instead.",
    "for people with poor eyesight.",
    "even though the {t} arrived quickly.",
    "next to the {t}, at the bottom.",
    "and that made my day.",
    "which competitors have had for years.",
    "in case it matters.",
    "compared to the paper catalogue.",
    "and my {t} was the wrong size in the end.",
    "at least in the Austrian shop.",
    "when the window is narrow.",
    "because of a wedding present, a {t}.",
    "as a member of ten years.",
    "before the holidays.",
    "in right-handed mode.",
)
_DAYS = ("Monday", "Tuesday", "this morning", "yesterday", "the weekend", "noon")
_OPENINGS = ("", "", "", "Hello, ", "Hi team, ", "Good morning. ", "Again: ", "FYI ")
_CLOSINGS = ("", "", "", " Thanks", " Please fix this soon.", " Regards", " Very annoying!", " What now?")

Said = tuple[str, str]
"""Text and label; noise has a label of its own each."""


def stream(
    seed: int, *, problems: int = 2, messages: int = 500, noise: float = 0.5, other: Sequence[str] = ()
) -> Iterator[Said]:
    """Messages about some problems at once, in twelve wordings each with slots and slips of the pen, and noise.

    ``other`` are texts that noise is drawn from, none twice as long as there are enough; else it is composed.
    """
    some = Random(seed)
    names = some.sample(sorted(PROBLEMS), problems)
    drawn = some.sample(other, min(len(other), messages))
    for number in range(messages):
        if some.random() < noise:
            text = drawn.pop() if drawn else _composed(some)
            yield _dressed(some, text), f"noise-{number}"
        else:
            name = some.choice(names)
            yield _dressed(some, _filled(some, some.choice(PROBLEMS[name]))), name


def _filled(some: Random, wording: str) -> str:
    return wording.format(n=some.randint(2, 9), day=some.choice(_DAYS), thing=f"the {some.choice(THINGS)}")


def _composed(some: Random) -> str:
    said = f"{some.choice(_HEADS)} {some.choice(_TAILS)}"
    return said.format(s=some.choice(_SUBJECTS), t=some.choice(THINGS))


def _dressed(some: Random, wording: str) -> str:
    text = f"{some.choice(_OPENINGS)}{wording}{some.choice(_CLOSINGS)}"
    if some.random() < 0.3:  # every third one slips
        place = some.randrange(len(text) - 1)
        text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text.lower() if some.random() < 0.2 else text  # every fifth writes so
