"""``hypercare search``: what people said, what happened, and the way from one to the other."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from contracts.errors import Stop
from contracts.scoring import SEVERITIES, SeverityLevel
from hypercare.commands.console import PAST, Json, out, since_ms
from hypercare.documents_by_id import hits_of
from hypercare.masked import printable
from hypercare.searching.indices import elasticsearch
from hypercare.settings import read_settings
from sinks.search.answer import Answer, Hit, NotAnswered, ask, unmarked
from sinks.search.mark import CLOSE_MARK, OPEN_MARK, wanted
from sinks.search.question import INDEX, KINDS, MOST_CHARS, MOST_SHOWN, MOST_WORDS, Asked, Question, searches
from sinks.search.related import about as belonging
from sinks.search.related import kind_of_document
from sinks.search.related import like as alike
from sinks.search.synonyms import MOST_BYTES, SHIPPED, Synonyms, read_synonyms, words_of

TITLES = {"incidents": "Incidents", "feedback": "Feedback", "calls": "Calls"}


def search(
    text: Annotated[str, typer.Argument(help='words, "a phrase", -without, begin*; nothing: the newest')] = "",
    *,
    kind: Annotated[list[str] | None, typer.Option(help="incidents, feedback or calls; several: say it again")] = None,
    project: Annotated[str, typer.Option(help="only this one: project, or tenant/project")] = "",
    route: Annotated[str, typer.Option(help="only this route, such as /orders/{id}")] = "",
    since: Annotated[str, typer.Option(help=f"only since {PAST}")] = "",
    severity: Annotated[str, typer.Option(help="S1 to S4: at least as severe; leaves calls out")] = "",
    trace: Annotated[str, typer.Option(help="only this trace")] = "",
    like: Annotated[str, typer.Option(help="what reads like the document with this id")] = "",
    about: Annotated[str, typer.Option(help="what belongs to this id: calls, messages, incidents")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST_SHOWN, help="shown of each kind")] = 5,
    as_json: Json = False,
) -> None:
    """Search feedback, incidents and calls.

    Words are found in their other forms in six languages, names and codes whole or by their parts, and words that mean
    the same (synonyms.txt in HYPERCARE_HOME adds to the list). An id finds its document.

    hypercare search "payment safari" --project shop --since 2d

    hypercare search --about FEEDBACK_ID        from a message to its calls; from a call to its messages
    """
    then = since_ms(since)
    question = Question(
        text=_checked(text),
        kinds=_kinds(kind),
        project=project,
        route=route,
        since=datetime.fromtimestamp(then / 1000, UTC).isoformat() if then else "",
        severity=_severity(severity),
        trace=trace,
        size=limit,
    )
    if bool(text) + bool(like) + bool(about) > 1:
        raise Stop("Say one of TEXT, --like and --about.", fix="search for one of them at a time", exit_code=2)
    synonyms = read_synonyms(_synonym_files())
    with elasticsearch() as client:
        try:
            answers = ask(client, _asked(client, question, synonyms, (like, about)), wanted(text, synonyms))
        except NotAnswered as error:
            raise Stop(f"Elasticsearch refused the search: {error}", fix="ask with fewer or simpler words") from None
    if as_json:
        out.print_json(json.dumps([_plain(answer) for answer in answers]))
    else:
        _print(answers)
    if not any(answer.total for answer in answers):
        raise typer.Exit(1)


def _asked(client: Any, question: Question, synonyms: Synonyms, other: tuple[str, str]) -> list[Asked]:
    like, about = other
    name = like or about
    if not name:
        return searches(question, synonyms)
    hits = hits_of(client, ",".join(INDEX[kind] for kind in KINDS), name)
    for hit in hits:
        kind = kind_of_document(hit["_source"])
        if kind is not None:
            related = alike if like else belonging
            return related(replace(question, text=like), kind, hit["_source"], hit["_id"])
    raise Stop(f"Elasticsearch has no message, incident or call {name!r}.", fix="see `hypercare search` for ids")


def _synonym_files() -> list[str]:
    own = read_settings().home / SHIPPED.name
    return [_read(file) for file in (SHIPPED, own) if file.is_file()]


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Stop(f"{file} is larger than {MOST_BYTES:,} bytes.", fix="keep fewer synonyms", exit_code=2)
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{file} cannot be read: {error}", fix="make it a text file in UTF-8", exit_code=2) from error


def _checked(text: str) -> str:
    if len(text) > MOST_CHARS or len(words_of(text)) > MOST_WORDS:
        many = f"{MOST_WORDS} words or {MOST_CHARS:,} characters"
        raise Stop(f"The question has more than {many}.", fix="ask for fewer words, or see --like", exit_code=2)
    return text


def _kinds(said: list[str] | None) -> tuple[Any, ...]:
    unknown = [one for one in said or () if one not in KINDS]
    if unknown:
        raise Stop(f"There is no kind {', '.join(unknown)}.", fix=f"choose from {', '.join(KINDS)}", exit_code=2)
    return tuple(one for one in KINDS if not said or one in said)


def _severity(said: str) -> SeverityLevel | None:
    if not said:
        return None
    found = next((level for level in SEVERITIES if level == said.upper()), None)
    if found is None:
        raise Stop(f"There is no severity {said!r}.", fix=f"choose from {', '.join(SEVERITIES)}", exit_code=2)
    return found


def _print(answers: list[Answer]) -> None:
    for answer in answers:
        many = f"{answer.total:,}{' or more' if answer.more else ''}"
        shown = "" if answer.total <= len(answer.hits) else f", {len(answer.hits)} shown"
        out.print(
            f"[bold]{TITLES[answer.kind]}[/]: {many} found{shown}" if answer.total else f"{TITLES[answer.kind]}: none"
        )
        for hit in answer.hits:
            _print_hit(hit)
    if any(answer.hits for answer in answers):
        out.print("More of one: `hypercare search --about ID`, `--like ID`; `hypercare trace ID`.")


def _print_hit(hit: Hit) -> None:
    when = hit.at[:19].replace("T", " ")
    out.print(f"  {escape(when)}  {_shown(hit.project)}  {_shown(hit.head)}  [dim]{_shown(hit.id)}[/]")
    for passage in hit.passages:
        out.print(f"      {_marked(passage)}")


def _marked(passage: str) -> str:
    parts = []
    for number, part in enumerate(passage.split(OPEN_MARK)):
        found, closed, rest = part.partition(CLOSE_MARK)
        parts.append(f"[bold reverse]{_shown(found)}[/]{_shown(rest)}" if number and closed else _shown(part))
    return "".join(parts)


def _shown(text: str) -> str:
    return escape(printable(text))


def _plain(answer: Answer) -> dict[str, Any]:
    hits = [{**asdict(hit), "passages": [unmarked(one) for one in hit.passages]} for hit in answer.hits]
    return {**asdict(answer), "hits": hits}
