"""``hypercare tap``: see what travels, as it travels."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from contracts.errors import Stop
from hypercare.commands.console import endpoints_of, err
from hypercare.event_view import view
from hypercare.service import Service
from hypercare.settings import read_settings
from hypercare.tap import MAX_LAST, Wanted, topics_for, watch
from hypercare.topic_reader import TopicReader


def tap(
    target: Annotated[str, typer.Argument(metavar="TOPIC|STAGE", help="a topic, or a stage for what it writes")],
    *,
    text: Annotated[str, typer.Option("--filter", help="only records that say this: key, value or headers")] = "",
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="begin with the oldest record")] = False,
    last: Annotated[int, typer.Option(help="begin with the newest so many", min=0, max=MAX_LAST)] = 0,
    count: Annotated[int, typer.Option(help="end after so many; 0: go on", min=0)] = 0,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="wait for new records, or end at the end")
    ] = True,
    raw: Annotated[bool, typer.Option("--raw", help="whole values, unmasked; personal and secret ones too")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """Watch a topic, or what a stage writes, one line a record; Ctrl-C ends it. No stage notices."""
    if from_beginning and last:
        raise Stop("--from-beginning and --last do not go together.", fix="give one of them", exit_code=2)
    if not (follow or from_beginning or last):
        raise Stop("--no-follow shows nothing by itself.", fix="add --last 20, or --from-beginning", exit_code=2)
    service = Service(read_settings())
    wanted = Wanted(from_beginning, last, text, count, follow)
    shown = 0
    with TopicReader(endpoints_of(service).kafka) as reader:
        topics = topics_for(target, reader.topics(), service.settings.topic_prefix)
        _note(f"Watching {', '.join(topics)}" + ("; Ctrl-C ends it." if follow else "."))
        try:
            for record in watch(reader, topics, wanted):
                if record is not None:
                    seen = view(record, raw=raw)
                    sys.stdout.write((json.dumps(asdict(seen)) if as_json else seen.line()) + "\n")
                    sys.stdout.flush()
                    shown += 1
        except BrokenPipeError:  # `head` has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            _note("")
    _note(f"{shown:,} records shown.")


def _note(text: str) -> None:
    """Beside the records, for a person only."""
    if sys.stderr.isatty():
        err.print(escape(text))
