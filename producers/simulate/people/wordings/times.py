"""How six languages say when something happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from producers.simulate.people.wordings.tongue import Lines

Part = Literal["night", "morning", "afternoon", "evening"]


@dataclass(frozen=True)
class Times:
    """``clocks`` are names of ``forms``, as often as people use them; each has a form for whole hours.

    In a form ``h`` is the hour of 24, ``hour`` that of 12, ``m`` the minute, ``half`` the half of the day. ``parts`` of
    a day are those of today and of yesterday. ``thens`` are sentences around all but ``just_now``.
    """

    clocks: Lines
    forms: Mapping[str, str]
    at: Lines
    thens: Lines
    just_now: Lines
    minutes_ago: str
    half_an_hour_ago: str
    hour_ago: str
    hours_ago: str
    yesterday: str
    parts: Mapping[Part, tuple[str, str]]
    halves: tuple[str, str] | tuple[()] = ()


TIMES: Mapping[str, Times] = {
    "en": Times(
        clocks=("24", "24", "12", "12"),
        forms={"24": "{h}:{m}", "whole 24": "{h}:00", "12": "{hour}:{m} {half}", "whole 12": "{hour} {half}"},
        at=("at {clock}", "around {clock}", "at about {clock}"),
        thens=("That was {when}.", "It happened {when}.", "I tried {when}."),
        just_now=("It happened just now.", "That was just now.", "Happened a minute ago."),
        minutes_ago="{n} minutes ago",
        half_an_hour_ago="half an hour ago",
        hour_ago="an hour ago",
        hours_ago="{n} hours ago",
        yesterday="yesterday",
        parts={
            "night": ("in the night", "last night"),
            "morning": ("this morning", "yesterday morning"),
            "afternoon": ("this afternoon", "yesterday afternoon"),
            "evening": ("this evening", "yesterday evening"),
        },
        halves=("am", "pm"),
    ),
    "de": Times(
        clocks=("24",),
        forms={"24": "{h}:{m} Uhr", "whole 24": "{h} Uhr"},
        at=("um {clock}", "gegen {clock}"),
        thens=("Das war {when}.", "Passiert ist es {when}."),
        just_now=("Gerade eben passiert.", "Das war gerade eben."),
        minutes_ago="vor {n} Minuten",
        half_an_hour_ago="vor einer halben Stunde",
        hour_ago="vor einer Stunde",
        hours_ago="vor {n} Stunden",
        yesterday="gestern",
        parts={
            "night": ("heute Nacht", "gestern Nacht"),
            "morning": ("heute Vormittag", "gestern Vormittag"),
            "afternoon": ("heute Nachmittag", "gestern Nachmittag"),
            "evening": ("heute Abend", "gestern Abend"),
        },
    ),
    "fr": Times(
        clocks=("24",),
        forms={"24": "{h}h{m}", "whole 24": "{h}h"},
        at=("à {clock}", "vers {clock}"),
        thens=("C'était {when}.", "C'est arrivé {when}."),
        just_now=("C'est arrivé à l'instant.", "Ça vient d'arriver."),
        minutes_ago="il y a {n} minutes",
        half_an_hour_ago="il y a une demi-heure",
        hour_ago="il y a une heure",
        hours_ago="il y a {n} heures",
        yesterday="hier",
        parts={
            "night": ("cette nuit", "la nuit dernière"),
            "morning": ("ce matin", "hier matin"),
            "afternoon": ("cet après-midi", "hier après-midi"),
            "evening": ("ce soir", "hier soir"),
        },
    ),
    "es": Times(
        clocks=("24",),
        forms={"24": "{h}:{m}", "whole 24": "{h}:00"},
        at=("a las {clock}", "sobre las {clock}"),
        thens=("Fue {when}.", "Ocurrió {when}."),
        just_now=("Acaba de pasar.", "Ha sido ahora mismo."),
        minutes_ago="hace {n} minutos",
        half_an_hour_ago="hace media hora",
        hour_ago="hace una hora",
        hours_ago="hace {n} horas",
        yesterday="ayer",
        parts={
            "night": ("esta madrugada", "anoche"),
            "morning": ("esta mañana", "ayer por la mañana"),
            "afternoon": ("esta tarde", "ayer por la tarde"),
            "evening": ("esta noche", "anoche"),
        },
    ),
    "pt": Times(
        clocks=("24", "h"),
        forms={"24": "{h}:{m}", "whole 24": "{h}:00", "h": "{h}h{m}", "whole h": "{h}h"},
        at=("às {clock}", "por volta das {clock}"),
        thens=("Foi {when}.", "Aconteceu {when}."),
        just_now=("Aconteceu agora mesmo.", "Foi mesmo agora."),
        minutes_ago="há {n} minutos",
        half_an_hour_ago="há meia hora",
        hour_ago="há uma hora",
        hours_ago="há {n} horas",
        yesterday="ontem",
        parts={
            "night": ("esta madrugada", "ontem à noite"),
            "morning": ("esta manhã", "ontem de manhã"),
            "afternoon": ("esta tarde", "ontem à tarde"),
            "evening": ("esta noite", "ontem à noite"),
        },
    ),
    "zh": Times(
        clocks=("24", "12"),
        forms={"24": "{h}:{m}", "whole 24": "{h}点", "12": "{half}{hour}点{m}分", "whole 12": "{half}{hour}点"},
        at=("{clock}", "大约{clock}"),
        thens=("是{when}的事。", "{when}发生的。"),
        just_now=("刚刚发生的。", "就在刚才。"),
        minutes_ago="{n}分钟前",
        half_an_hour_ago="半小时前",
        hour_ago="一小时前",
        hours_ago="{n}小时前",
        yesterday="昨天",
        parts={
            "night": ("凌晨", "昨天夜里"),
            "morning": ("今天上午", "昨天上午"),
            "afternoon": ("今天下午", "昨天下午"),
            "evening": ("今天晚上", "昨天晚上"),
        },
        halves=("上午", "下午"),
    ),
}
