# ruff: noqa: E501, RUF001 - a phrase stands on one line
"""A small invented public: users of a simulated system who complain, or not, of the calls that failed them."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson

from processors.feedback.joining.complaint import Complaint
from producers.simulate.faults import Fault
from producers.simulate.scenario import Scenario, scenario
from producers.simulate.world import BROWSERS, SEEN_AS

RATE = 60.0
LENGTH = timedelta(minutes=70)
ONSET = timedelta(minutes=15)
USERS = 25
"""Different people for each agent in each country."""
KNOWN = 0.7
"""Part of the calls that belong to somebody who is logged in."""
COMPLAINS = 0.12
SHARES = {"trace": 0.2, "session": 0.25, "user": 0.2, "anonymous": 0.35}
LAGS_S = {"in_app": 45, "chat": 150, "hotline": 400, "ticket": 1_500, "social": 2_500, "email": 15_000}
CHANNELS = {"in_app": 50, "chat": 15, "hotline": 8, "ticket": 15, "social": 5, "email": 7}
SPREAD = 0.6
DESK_AHEAD_S = 150.0
"""The clock of the help desk, which takes tickets, mails and calls, against the gateway's."""
NOUNS = {
    "order": {"en": "my order", "de": "meine Bestellung", "fr": "ma commande", "es": "mi pedido", "pt": "meu pedido", "zh": "订单"},
    "stock": {"en": "the stock list", "de": "der Lagerbestand", "fr": "le stock", "es": "el inventario", "pt": "o estoque", "zh": "库存"},
    "price": {"en": "the prices", "de": "die Preise", "fr": "les prix", "es": "los precios", "pt": "o preço", "zh": "价格"},
    "user": {"en": "my profile", "de": "mein Profil", "fr": "mon profil", "es": "mi perfil de usuario", "pt": "o perfil do cliente", "zh": "个人资料"},
    "cart": {"en": "the basket", "de": "der Warenkorb", "fr": "le panier", "es": "el carrito", "pt": "o carrinho", "zh": "购物车"},
    "ship": {"en": "the delivery page", "de": "die Lieferung", "fr": "la livraison", "es": "la entrega", "pt": "o envio", "zh": "配送"},
    "pay": {"en": "the payment", "de": "das Bezahlen", "fr": "le paiement", "es": "el pago", "pt": "o pagamento", "zh": "支付"},
    "search": {"en": "the search", "de": "die Suche", "fr": "la recherche", "es": "la búsqueda", "pt": "a pesquisa", "zh": "搜索"},
    "offer": {"en": "the offers", "de": "das Angebot", "fr": "la promotion", "es": "el descuento", "pt": "o desconto", "zh": "优惠"},
    "report": {"en": "the report", "de": "der Bericht", "fr": "le rapport", "es": "el informe", "pt": "o relatório", "zh": "报表"},
}  # fmt: skip
FAILS = {
    "en": ("{x} does not work, I only get an error.", "Something broke: {x} fails again and again.", "I tried three times, {x} is dead"),
    "de": ("{x} geht nicht, es kommt nur eine Fehlermeldung.", "Ständig Absturz, {x} funktioniert einfach nicht."),
    "fr": ("{x} ne marche pas, erreur à chaque fois.", "Impossible, {x} échoue toujours."),
    "es": ("{x} no funciona, siempre sale un error.", "Falla otra vez: {x}"),
    "pt": ("{x} não funciona, dá erro.", "Impossível usar, {x} falha sempre."),
    "zh": ("{x}一直报错", "{x}失败了，没有反应"),
}  # fmt: skip
DRAGS = {
    "en": ("{x} takes forever to load.", "So slow today, waiting minutes for {x}"),
    "de": ("{x} lädt ewig.", "Furchtbar langsam, {x} braucht Minuten."),
    "fr": ("{x} est très lent aujourd'hui.", "J'attends longtemps: {x}"),
    "es": ("{x} está muy lento.", "Tarda mucho, {x}"),
    "pt": ("{x} está muito lento.", "Demora demais, {x}"),
    "zh": ("{x}太慢了", "{x}等待很久"),
}  # fmt: skip
UNCAUSED = (
    ("praise", "Really like the new design, thank you", "en"),
    ("praise", "Schöne neue Seite, gefällt mir gut", "de"),
    ("feature_request", "Please add a dark mode, my eyes hurt in the evening", "en"),
    ("feature_request", "Bitte eine Merkliste einbauen, das wäre toll", "de"),
    ("feature_request", "Serait-il possible d'ajouter un filtre par couleur ?", "fr"),
    ("question", "Where do I find the invoice of last month?", "en"),
    ("question", "¿Dónde puedo cambiar mi dirección?", "es"),
    ("usability", "The letters are too small on my phone", "en"),
    ("usability", "Die Farben sind schwer zu unterscheiden", "de"),
    ("other", "Your driver was rude and left the box in the rain", "en"),
    ("other", "The lamp I bought is scratched", "en"),
    ("functional_bug", "The picture on the start page overlaps the text", "en"),
    ("functional_bug", "{x} shows a wrong sum at the bottom", "en"),
)
LANGUAGES = {"en": 60, "de": 14, "fr": 8, "es": 8, "pt": 5, "zh": 5}


@dataclass(frozen=True, slots=True)
class Planted:
    """A complaint with the call that it is about, if any, and what ties it to that."""

    at: float
    complaint: Complaint
    call: str | None
    by: str


def troubled(seed: int, start: datetime, rate: float = RATE) -> Scenario:
    """Several faults at once: two combinations fail, an upstream is down now and then, and one gets slow."""
    parts: list[Fault] = []
    for number, (name, failing) in enumerate((("checkout", 0.25), ("outage", 0.3), ("bad-release", 0.25))):
        made = scenario(
            name, seed=seed * 7 + number, start=start, duration=LENGTH, rate=rate, onset=ONSET, failure_rate=failing
        )
        parts += [replace(fault, rate=failing) if hasattr(fault, "rate") else fault for fault in made.faults]
    slow = scenario("slow-leak", seed=seed * 7 + 5, start=start, duration=LENGTH, rate=rate, onset=ONSET)
    parts += [replace(fault, factor=20.0, ramp_s=60.0) for fault in slow.faults]  # type: ignore[type-var]
    return replace(slow, faults=tuple(parts), name=f"troubled-{seed}")


class Public:
    """Gives each call its person, and lets some of those whose call failed write; the same for the same seed."""

    def __init__(self, seed: int, categories: float = 0.5) -> None:
        """``categories`` is the part of the complaints whose category is known."""
        self._dice, self._categories = Random(seed), categories
        self._written = 0
        self._agents = {agent.text: seen for agent, seen in zip(BROWSERS, SEEN_AS, strict=True)}
        self._usual: dict[str, tuple[float, int]] = {}

    def lives(self, at_ms: int, raw: bytes) -> tuple[bytes, list[Planted]]:
        """A raw call with its user, session and trace, and what is written because of it."""
        call, dice = orjson.loads(raw), self._dice
        agent, country = call["client"]["user_agent"], call["client"]["geo"]["country_iso"]
        person = f"{country}-{zlib.crc32(agent.encode()) % 997}-{int(USERS * dice.random() ** 2)}"
        session = f"s-{person}-{at_ms // 1_200_000}"
        if dice.random() < KNOWN:
            call["user"], call["session"] = person, session
        call["request"]["id"] = f"r-{call['id']}"
        call["trace"] = {"trace_id": f"{dice.getrandbits(128):032x}"}
        said = [self._about(call, at_ms / 1000, agent, slow=False)] if self._suffers(call) else []
        if dice.random() < COMPLAINS * 0.013:
            said.append(self._about_nothing(call, at_ms / 1000, agent))
        return orjson.dumps(call), said

    def _suffers(self, call: dict[str, Any]) -> bool:
        ratio = self._ratio(call)
        bad = call["response"]["status"] >= 500 or (ratio > 6 and call["latency"]["total_ms"] > 800)
        return bad and self._dice.random() < COMPLAINS

    def _ratio(self, call: dict[str, Any]) -> float:
        route, taken = call["request"]["route"], math.log(call["latency"]["total_ms"])
        mean, count = self._usual.get(route, (taken, 0))
        if count < 200:
            self._usual[route] = (mean + (taken - mean) / (count + 1), count + 1)
        return math.exp(taken - mean)

    def _about(self, call: dict[str, Any], at: float, agent: str, *, slow: bool) -> Planted:
        dice = self._dice
        slow = call["response"]["status"] < 500
        route = call["request"]["route"]
        thing = route.split("/")[3].split("-")[0]
        language = dice.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        text = dice.choice((DRAGS if slow else FAILS)[language]).format(x=NOUNS[thing][language])
        by = dice.choices(list(SHARES), list(SHARES.values()))[0]
        if by in {"session", "user"} and "user" not in call:
            by = "anonymous"
        category = "performance" if slow else "functional_bug"
        return self._write(call, at, agent, (text, language, category, by, call["id"]))

    def _about_nothing(self, call: dict[str, Any], at: float, agent: str) -> Planted:
        category, text, language = self._dice.choice(UNCAUSED)
        return self._write(call, at, agent, (text.format(x="the report"), language, category, "none", None))

    def _write(
        self, call: dict[str, Any], at: float, agent: str, said: tuple[str, str, str, str, str | None]
    ) -> Planted:
        text, language, category, by, about = said
        dice = self._dice
        channel = dice.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        came = at + dice.lognormvariate(math.log(LAGS_S[channel]), SPREAD)
        written = came + (DESK_AHEAD_S if channel in {"ticket", "email", "hotline"} else 0.0)
        browser, system, device = self._agents[agent]
        tied = dice.choice(("session", "user", "anonymous")) if by == "none" else by
        self._written += 1

        def maybe(value: Any, chance: float) -> Any:
            return value if value is not None and dice.random() < chance else None

        complaint = Complaint(
            id=f"said-{self._written}",
            at=written,
            received_at=came,
            channel=channel,
            text=text,
            language=language,
            trace_id=call["trace"]["trace_id"] if by == "trace" else None,
            request_id=maybe(call["request"]["id"], 0.3) if by == "trace" else None,
            session=call.get("session") if tied in {"session", "trace"} else None,
            user=call.get("user") if tied == "user" or (tied == "session" and dice.random() < 0.5) else None,
            route=maybe(f"/{call['request']['route'].split('/')[3]}", 0.4) if by != "none" else None,
            browser=maybe(browser, 0.8),
            os=maybe(system, 0.7),
            device=maybe(device, 0.6),
            country=maybe(call["client"]["geo"]["country_iso"], 0.6),
            release=maybe(call["release"], 0.4),
            category=maybe(category, self._categories),
        )
        return Planted(came, complaint, about, by)


def lived(made: Scenario, public: Public) -> Iterator[tuple[float, bytes | Planted]]:
    """Raw calls and complaints in the order in which they come; times in seconds since 1970."""
    waiting: list[Planted] = []
    for at_ms, raw in made.calls():
        call, said = public.lives(at_ms, raw)
        waiting += said
        for one in sorted((one for one in waiting if one.at <= at_ms / 1000), key=lambda one: one.at):
            yield one.at, one
        waiting = [one for one in waiting if one.at > at_ms / 1000]
        yield at_ms / 1000, call
    for one in sorted(waiting, key=lambda one: one.at):
        yield one.at, one


def moment(seconds: float) -> datetime:
    """A time of the simulation."""
    return datetime.fromtimestamp(seconds, UTC)
