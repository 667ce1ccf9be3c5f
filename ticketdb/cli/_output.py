"""Results go to stdout, as a table or as JSON; talk goes to stderr."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", envvar="TICKETDB_JSON", help="Print the rows as JSON.")]

# wide enough for every table of ours: a program that reads a pipe must not find a column cut off
_PIPE_WIDTH = 250

# with what a spreadsheet lets a formula begin
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_COLOURS = {"error": "bold red", "hint": "cyan", "done": "green", "notice": "yellow", "step": "dim"}


def stderr() -> Console:
    """The console for talk."""
    return Console(stderr=True, highlight=False)


def stdout() -> Console:
    """The console for results; in a pipe so wide that no column is cut off."""
    whole = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_PIPE_WIDTH if whole else None, highlight=False)


def bars() -> Progress:
    """Bars for work that can be counted; on stderr."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=stderr(),
    )


def say(kind: str, text: str) -> None:
    """Print a line of talk."""
    line = Text(f"{kind}: ", style=_COLOURS[kind])
    line.append(printable(text), style="default")
    stderr().print(line, soft_wrap=True)


def show(
    rows: Iterable[Any],
    as_json: bool,
    columns: Sequence[str] = (),
    empty: str = "no rows",
    totals: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Print rows (dataclasses or dicts): all of them as JSON, or these columns of them as a table."""
    records = [asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row) for row in rows]
    if as_json:
        typer.echo(json.dumps(records, default=_json_value, indent=2, ensure_ascii=False))
        return
    if not records:
        say("notice", empty)
        return
    table = Table(header_style="bold", show_footer=bool(totals), footer_style="bold")
    shown = columns or list(records[0])
    for name in shown:
        number = isinstance(records[0][name], int | Decimal) and not isinstance(records[0][name], bool)
        table.add_column(name.replace("_", " "), justify="right" if number else "left", overflow="fold")
        table.columns[-1].footer = cell(totals.get(name))
    for record in records:
        table.add_row(*(Text(cell(record[name])) for name in shown))
    stdout().print(table)


def sums(rows: Sequence[Any], columns: Sequence[str]) -> dict[str, Any]:
    """Of each of these columns the sum; what is not known counts nothing."""
    found = {name: [value for row in rows if (value := getattr(row, name)) is not None] for name in columns}
    return {name: sum(values[1:], start=values[0]) if values else 0 for name, values in found.items()}


def csv_cell(value: object) -> str:
    """A value as programs read it; what is not known is empty.

    Names come from anybody: to a spreadsheet a text that begins like a formula would be one, were there no '.
    """
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case int():
            return str(value)
        case _:
            return _json_value(value)


def _json_value(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a row")


def cell(value: object) -> str:
    """A value as people read it, on one line; a list on several."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case time():
            return value.isoformat(timespec="minutes")
        case tuple() | list():
            return "\n".join(cell(item) for item in value)
        case _:
            return printable(str(value))


def printable(text: str) -> str:
    """Names and notes come from anybody: no control sequence of theirs reaches the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
