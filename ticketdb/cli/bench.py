"""bench."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ticketdb.cli._dsn import Dsn
from ticketdb.cli._failure import REFUSED, CommandError
from ticketdb.cli._output import bars, say, stdout

if TYPE_CHECKING:
    from ticketdb.bench.options import Options
    from ticketdb.bench.results import Results

_QUICK_SECONDS = 1
_SECONDS = 3
_QUICK_ROUNDS = 1
_ROUNDS = 3


def _clients(text: str) -> tuple[int, ...]:
    try:
        counts = tuple(sorted({int(count) for count in text.split(",")}))
    except ValueError:
        counts = ()
    if not counts or counts[0] < 1:
        raise typer.BadParameter(f"{text!r} is no list of numbers; write it as 1,16,64,128")
    return counts


def _rows(topics: list[str], only: list[str]) -> tuple[str, ...]:
    from ticketdb.bench.recurrence import has_dateutil
    from ticketdb.bench.table import NAMES, RECURRENCE

    asked = [name.strip() for part in only for name in part.split(",")]
    for topic in topics:
        asked += [name for name in NAMES if name == topic or name.startswith(f"{topic}-")] or [topic]
    unknown = [name for name in asked if name not in NAMES]
    if unknown:
        raise typer.BadParameter(f"there is no row {unknown[0]!r}; there are {', '.join(NAMES)}")
    if not asked and not has_dateutil():
        # what it is compared with is not there
        return tuple(name for name in NAMES if name not in RECURRENCE)
    return tuple(name for name in NAMES if not asked or name in asked)


def bench(
    topics: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC]...",
            help="Measure these rows only, or all that begin so: `recurrence`, `generate`.",
            show_default=False,
        ),
    ] = None,
    dsn: Dsn = None,
    clients: Annotated[
        str, typer.Option(metavar="N,...", help="Numbers of clients, each with a connection of its own.")
    ] = "1,16,64,128",
    seconds: Annotated[
        int | None, typer.Option(min=1, help=f"Seconds of a run, by default {_SECONDS}.", show_default=False)
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"Runs of which the median counts, by default {_ROUNDS}.", show_default=False
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="ROW", help="Measure this row of the table only; can be repeated."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Little data and one short run each: shows that it works.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if a ratio is smaller than it should be.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", envvar="TICKETDB_JSON", help="Print everything as JSON.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the rates of each way; needs matplotlib.")
    ] = None,
    pgbench: Annotated[
        Path | None,
        typer.Option(
            envvar="TICKETDB_PGBENCH",
            metavar="PROGRAM",
            help="The pgbench to use. Without it: the embedded server's, else that of the PATH.",
        ),
    ] = None,
) -> None:
    """Measure ticketdb beside other ways of selling, in scratch databases that are dropped afterwards.

    Without --dsn an embedded server is started for it. Exit with 1 if a seat was sold twice, or a counter
    differs from its rows.
    """
    # here and not above: no other command needs them
    from ticketdb.bench import pgbench as program
    from ticketdb.bench import plot as picture
    from ticketdb.bench import report
    from ticketdb.bench.errors import BenchError
    from ticketdb.bench.options import Options

    rows = _rows(topics or [], only or [])
    try:
        if plot is not None:
            picture.refuse_unless_possible(plot, rows)
        options = Options(
            pgbench=program.find(pgbench),
            rows=rows,
            clients=_clients(clients),
            seconds=seconds or (_QUICK_SECONDS if quick else _SECONDS),
            rounds=rounds or (_QUICK_ROUNDS if quick else _ROUNDS),
            quick=quick,
        )
        results = _measure(dsn, options)
    except BenchError as error:
        raise CommandError(error.message, error.hint) from error
    if as_json:
        typer.echo(report.to_json(results))
    else:
        report.show(results, stdout())
    if plot is not None:
        picture.draw(results, plot)
        say("done", f"the picture is in {plot}")
    _judge(results, check)


def _measure(dsn: str | None, options: "Options") -> "Results":
    from ticketdb.bench.parts import run

    with bars() as shown:
        bar = shown.add_task("starting", total=None)

        def tell(text: str, done: int, total: int) -> None:
            shown.update(bar, description=escape(text), completed=done, total=total)

        results = run(dsn, options, tell)
        shown.remove_task(bar)
    return results


def _judge(results: "Results", check: bool) -> None:
    """Say what was found; exit with 1 if something is wrong, or slower than wanted where that counts."""
    for problem in results.problems + results.failures:
        say("error", problem)
    if results.checks and not results.problems:
        say(
            "done",
            f"counted again {len(results.checks)} times: nothing was oversold, every counter equals its rows",
        )
    for row in results.missed:
        say("error" if check else "notice", f"{row.name}: {row.ratio:.2f} x is less than {row.wanted:g} x")
    if results.problems or results.failures or (check and results.missed):
        raise typer.Exit(REFUSED)
