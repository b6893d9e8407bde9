"""``hypercare dlq``: look at dead letters, and send them back."""

from __future__ import annotations

import base64
import json
import sys
from typing import Annotated, Any

import typer
from rich.markup import escape

from contracts.dead_letters import PREFIX
from contracts.errors import Stop
from hypercare import dead_letters, replay_receipts
from hypercare.commands.console import PAST, Json, endpoints_of, out, since_ms
from hypercare.dead_letters import Letter, Which
from hypercare.masked import masked_header, masked_line, masked_value, text_of
from hypercare.replay import How, Report, replay
from hypercare.service import Service
from hypercare.settings import read_settings
from hypercare.skip import SKIPPED
from hypercare.topic_reader import Found, TopicReader

app = typer.Typer(help="Dead letters: inputs that could not be read, kept byte for byte.", no_args_is_help=True)

Topic = Annotated[str, typer.Option(help="only of this topic, the source or its dead-letter topic")]
Reason = Annotated[str, typer.Option(help="only with this reason, as `dlq ls` prints it")]
Stage = Annotated[str, typer.Option(help="only from this stage")]
Since = Annotated[str, typer.Option(help=f"only since {PAST}")]
MAX_DETAIL = 160
MAX_LISTED = 10_000


@app.command("ls")
def dlq_ls(
    *,
    topic: Topic = "",
    reason: Reason = "",
    stage: Stage = "",
    since: Since = "",
    limit: Annotated[int, typer.Option(help="newest so many", min=1, max=MAX_LISTED)] = 20,
    as_json: Json = False,
) -> None:
    """List the newest dead letters with reason and place."""
    service = Service(read_settings())
    prefix = service.settings.topic_prefix
    which = Which(topic, reason, stage, since_ms(since), limit)
    with TopicReader(endpoints_of(service).kafka) as reader:
        listing = dead_letters.find(reader, which, prefix=prefix)
        done = replay_receipts.replayed(reader, (letter.place for letter in listing.letters), prefix=prefix)
    if as_json:
        rows = [{**_masked(letter), "replayed_to": done.get(letter.place, "")} for letter in listing.letters]
        out.print_json(json.dumps(rows))
        return
    for letter in listing.letters:
        _print_line(letter, done.get(letter.place, ""))
    if listing.cut:
        out.print(
            f"Only the newest {dead_letters.MAX_SCANNED:,} of each partition were looked at; --since reads others."
        )
    if listing.more:
        out.print(f"There are more; these are the newest {len(listing.letters)}. See more with --limit.")
    out.print("See one whole: hypercare dlq show TOPIC/PARTITION/OFFSET" if listing.letters else "No dead letters.")


@app.command("show")
def dlq_show(
    place: Annotated[str, typer.Argument(help="TOPIC/PARTITION/OFFSET, as `dlq ls` prints it")],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="bytes as they are; they may be personal or secret")] = False,
    as_json: Json = False,
) -> None:
    """Print one dead letter: what is said of it, its headers, key and value; secrets masked."""
    service = Service(read_settings())
    prefix = service.settings.topic_prefix
    with TopicReader(endpoints_of(service).kafka) as reader:
        letter, record = dead_letters.one(reader, place)
        done = replay_receipts.replayed(reader, [letter.place], prefix=prefix).get(letter.place, "")
    said = dict(letter.said) if raw else _masked(letter)
    own = [(name, value) for name, value in record.headers if not name.startswith(PREFIX)]
    headers = [(name, text_of(value) if raw else masked_header(name, value)) for name, value in own]
    if as_json:
        out.print_json(
            json.dumps({**said, "place": place, "replayed_to": done, "headers": headers} | _bytes(record, raw=raw))
        )
        return
    for name, text in {"place": place, **said, "replayed": done or "no", "bytes": str(letter.size)}.items():
        if text and not (name == "line" and text == "0"):
            out.print(f"{name:<13} {escape(str(text))}")
    for name, text in headers:
        out.print(f"header        {escape(masked_line(name))}: {escape(text)}")
    sys.stdout.flush()
    if raw:
        sys.stdout.buffer.write(b"key           " + (record.key or b"") + b"\nvalue\n" + (record.value or b"") + b"\n")
        return
    out.print(f"key           {escape(masked_line(text_of(record.key)))}\nvalue\n{escape(masked_value(record.value))}")
    out.print("Masked by pattern. As it is: [bold]--raw[/]. Send it back: [bold]hypercare dlq replay PLACE[/]")


@app.command("replay")
def dlq_replay(
    places: Annotated[list[str] | None, typer.Argument(help="TOPIC/PARTITION/OFFSET; or filters, as for `ls`")] = None,
    *,
    topic: Topic = "",
    reason: Reason = "",
    stage: Stage = "",
    since: Since = "",
    limit: Annotated[int, typer.Option(help="at most so many", min=1, max=MAX_LISTED)] = 1_000,
    everything: Annotated[bool, typer.Option("--all", help="no filter is meant")] = False,
    rate: Annotated[float, typer.Option(help="so many a second; 0: as fast as it goes", min=0)] = 100,
    again: Annotated[bool, typer.Option("--again", help="also those that were replayed before")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be done, do nothing")] = False,
    as_json: Json = False,
) -> None:
    """Send dead letters back to their source topic as they were: same key, value, headers and id."""
    service = Service(read_settings())
    prefix, kafka = service.settings.topic_prefix, endpoints_of(service).kafka
    which = Which(topic, reason, stage, since_ms(since), MAX_LISTED)
    if places and not which.anything:
        raise Stop("Places and filters do not go together.", fix="give the one or the other", exit_code=2)
    if not places and which.anything and not everything:
        raise Stop(
            "Which dead letters?", fix="give places, or filters as for `hypercare dlq ls`, or --all", exit_code=2
        )
    with TopicReader(kafka) as reader:
        if places:
            letters, older = [dead_letters.one(reader, place)[0] for place in dict.fromkeys(places)], False
        else:
            listing = dead_letters.find(reader, which, prefix=prefix)
            letters, older = listing.letters, listing.more or listing.cut
    how = How(rate, limit, again=again, dry_run=dry_run, named=bool(places) or reason == SKIPPED)
    report = replay(kafka, letters, how, prefix=prefix)
    if as_json:
        out.print_json(json.dumps({**report.shown(), "older_not_looked_at": older}))
    else:
        _print_report(report, older=older)
    if report.failed:
        raise typer.Exit(1)


def _print_line(letter: Letter, replayed_to: str) -> None:
    said = _masked(letter)
    where = f"{said['source']}:{said.get('line')}" if said.get("source") else str(said.get("topic", "?"))
    mark = "  [green]replayed[/]" if replayed_to else ""
    at = escape(str(said.get("at", ""))[:19])
    out.print(
        f"{escape(str(letter.place))}  {at}  [bold]{escape(str(said.get('reason', '?')))}[/]  {escape(where)}{mark}"
    )
    out.print(f"    {escape(str(said.get('detail', ''))[:MAX_DETAIL])}")


def _print_report(report: Report, *, older: bool) -> None:
    done = "Would replay" if report.dry_run else "Replayed"
    for target, count in report.replayed.most_common():
        out.print(f"{done} {count:,} to {escape(target)}.")
    for why, count in report.skipped.most_common():
        out.print(f"Left out {count:,}: {escape(why)}.")
    for why, count in report.failed.most_common():
        out.print(f"[bold red]Refused by Kafka {count:,}[/]: {escape(why)}; they stay dead letters.")
    if not (report.replayed or report.skipped or report.failed):
        out.print("No dead letters like that.")
    if older:
        out.print(f"Older ones than the newest {MAX_LISTED:,} were not looked at; filters such as --reason find them.")
    if report.replayed and not report.dry_run:
        out.print("See what came of it: [bold]hypercare status[/], [bold]hypercare dlq ls --since 5m[/]")


def _masked(letter: Letter) -> dict[str, Any]:
    return {name: masked_line(text) if isinstance(text, str) else text for name, text in letter.shown().items()} | {
        "place": str(letter.place)
    }


def _bytes(record: Found, *, raw: bool) -> dict[str, str]:
    if not raw:
        return {"key": masked_line(text_of(record.key)), "value": masked_value(record.value)}
    return {
        "key_base64": base64.b64encode(record.key or b"").decode(),
        "value_base64": base64.b64encode(record.value or b"").decode(),
    }
