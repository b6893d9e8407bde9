"""English."""

from __future__ import annotations

from producers.simulate.people.wordings import en_money, en_rest, en_various, en_work
from producers.simulate.people.wordings.tongue import Tongue

ENGLISH = Tongue(
    wordings={
        "payment": en_money.PAYMENT,
        "order": en_money.ORDER,
        "notification": en_money.NOTIFICATION,
        "upload": en_money.UPLOAD,
        "login": en_money.LOGIN,
        "slow": en_work.SLOW,
        "search": en_work.SEARCH,
        "report": en_work.REPORT,
        "rate_limit": en_work.RATE_LIMIT,
        "assistant": en_work.ASSISTANT,
        "error": en_work.ERROR,
        "office": en_work.OFFICE,
        "praise": (*en_rest.PRAISE, *en_various.PRAISE),
        "question": (*en_rest.QUESTION, *en_various.QUESTION),
        "feature": (*en_rest.FEATURE, *en_various.FEATURE),
        "usability": (*en_rest.USABILITY, *en_various.USABILITY),
        "security": en_rest.SECURITY,
        "other": (*en_rest.OTHER, *en_various.OTHER),
        "spam": en_rest.SPAM,
        "automatic": en_rest.AUTOMATIC,
    },
    openers=en_rest.OPENERS,
    closers=en_rest.CLOSERS,
    nudges=en_rest.NUDGES,
    greetings=en_rest.GREETINGS,
    farewells=en_rest.FAREWELLS,
    noted=en_rest.NOTED,
    forwarded=en_rest.FORWARDED,
    quoted=en_rest.QUOTED,
    things=en_rest.THINGS,
    screens=en_rest.SCREENS,
)
