"""A summary as a person reads it in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hypercare.late import nothing_found
from hypercare.summary import MIN_CALLS, TOP
from hypercare.summary_rows import RouteRow, Summary

MAX_TEXT = 96
KB = 1024


def print_summary(console: Console, summary: Summary) -> None:
    """Print calls, feedback and dead letters, each with the question it answers."""
    _calls(console, summary)
    _findings(console, summary)
    _feedback(console, summary)
    _dead_letters(console, summary)


def _calls(console: Console, summary: Summary) -> None:
    console.rule("[bold]Calls[/]", align="left")
    if not summary.calls:
        console.print("No calls found.")
        return
    console.print(f"[bold]{summary.calls:,}[/] calls from {_short(summary.first)} to {_short(summary.last)} UTC.")
    shares = ", ".join(f"{name} {n:,} ({n / summary.calls:.1%})" for name, n in summary.outcomes)
    console.print(f"How they ended: {shares}.\n")
    console.print(_routes("Busiest routes", summary.busiest))
    if summary.failing:
        console.print(_routes(f"Most failing routes (at least {MIN_CALLS} calls)", summary.failing))
    if summary.slowest:
        console.print(_routes("Slowest routes, by p95", summary.slowest))
    else:
        console.print("Slowest routes: the log holds no latencies, sizes are shown instead.\n")
    if summary.failing_groups:
        table = Table(title="Where server-side failures gather", title_justify="left", title_style="bold")
        for name in ("route", "browser", "system"):
            table.add_column(name, overflow="fold")
        table.add_column("status", justify="right")
        table.add_column("failed", justify="right")
        for group in summary.failing_groups:
            table.add_row(
                escape(group.route),
                escape(group.browser),
                escape(group.os),
                str(group.status),
                f"{group.calls:,}",
            )
        console.print(table)


def _findings(console: Console, summary: Summary) -> None:
    if summary.source == "files":
        return
    console.rule("[bold]Findings[/]", align="left")
    if not summary.findings:
        console.print(escape(nothing_found(summary.late, summary.calls)))
    for finding in summary.findings[:TOP]:
        state = "over" if finding.state == "closed" else "open"
        console.print(f"[bold]{state}, {finding.confidence:.0%} sure:[/] {escape(finding.sentence)}")
    if len(summary.findings) > TOP:
        console.print(f"… and {len(summary.findings) - TOP} more.")
    console.print()


def _routes(title: str, rows: list[RouteRow]) -> Table:
    timed = any(row.p50_ms is not None for row in rows)
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("route", overflow="fold", ratio=1)
    names = (
        ["calls", "4xx", "failed", "share"] + (["p50 ms", "p95 ms"] if timed else []) + ["p50 KiB", "p95 KiB", "blame"]
    )
    for name in names:
        table.add_column(name, justify="left" if name == "blame" else "right", no_wrap=True)
    for row in rows:
        times = [_number(row.p50_ms), _number(row.p95_ms)] if timed else []
        table.add_row(
            escape(row.route),
            f"{row.calls:,}",
            f"{row.refused:,}",
            f"{row.failed:,}",
            f"{row.error_share:.1%}",
            *times,
            _number(row.p50_bytes, KB),
            _number(row.p95_bytes, KB),
            row.blamed,
        )
    return table


def _feedback(console: Console, summary: Summary) -> None:
    console.rule("[bold]Feedback[/]", align="left")
    if not summary.feedback:
        console.print("No feedback found.")
        return
    console.print(
        f"[bold]{summary.feedback:,}[/] pieces; by channel: {_listed(summary.channels)}; "
        f"by language: {_listed(summary.languages)}."
    )
    console.print(f"About: {_listed(summary.categories)}. With the calls behind it found: {summary.linked:,}.")
    _problems(console, summary)
    if summary.source == "files":
        console.print("Searching their text needs Elasticsearch.\n")
        return
    console.print(f"Text search [italic]{escape(summary.searched)}[/]: {summary.found_total:,} found; the best:")
    for found in summary.found:
        text = found.text if len(found.text) <= MAX_TEXT else found.text[: MAX_TEXT - 1] + "…"
        console.print(f"  {_short(found.at)}  {found.channel:<8} {escape(text)}")
    console.print()


def _problems(console: Console, summary: Summary) -> None:
    if not summary.problems:
        return
    table = Table(title="What people report, by problem", title_justify="left", title_style="bold")
    table.add_column("in their words", overflow="fold", ratio=1)
    table.add_column("about", no_wrap=True)
    for name in ("reports", "people", "linked"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("failing route", overflow="fold")
    for problem in summary.problems:
        table.add_row(
            escape(problem.title),
            problem.category,
            f"{problem.reports:,}",
            f"{problem.people:,}",
            f"{problem.linked:,}",
            escape(problem.route),
        )
    console.print(table)


def _dead_letters(console: Console, summary: Summary) -> None:
    console.rule("[bold]Dead letters[/]", align="left")
    if not summary.dead_letters:
        console.print("None: everything that came in could be read.")
        return
    kept = "each is kept byte for byte" if summary.source == "elasticsearch" else "the input files still hold them"
    console.print(f"[bold]{summary.dead_letters:,}[/] inputs could not be read; {kept}.")
    for topic, reason, count in summary.reasons:
        console.print(f"  {count:>7,}  {reason:<28} {topic}")


def _listed(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{escape(name)} {n:,}" for name, n in counts) or "none"


def _number(value: float | None, divisor: float = 1) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN: Elasticsearch's word for no values
        return "-"
    shown = value / divisor
    return f"{shown:,.1f}" if shown < 100 else f"{shown:,.0f}"  # noqa: PLR2004


def _short(moment: str) -> str:
    return moment[:19].replace("T", " ")
