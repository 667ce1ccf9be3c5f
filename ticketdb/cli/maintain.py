"""maintain."""

import json
from typing import Annotated, Any

import psycopg
import typer

from ticketdb import TicketDB, TicketDBError
from ticketdb._stop import until_stopped
from ticketdb.cli._dsn import Dsn, complain, resolve
from ticketdb.cli._failure import REFUSED
from ticketdb.cli._output import Json, say, show


def maintain(
    dsn: Dsn = None,
    every: Annotated[
        float | None,
        typer.Option(
            "--every", min=1, max=86400, metavar="SECONDS", help="Go on, with a round every so many seconds."
        ),
    ] = None,
    horizon: Annotated[
        int, typer.Option("--horizon", metavar="DAYS", help="Generate what recurs so many days ahead.")
    ] = 30,
    as_json: Json = False,
) -> None:
    """Do what is late: expire holds, generate days, queue reminders, and so on. Once, or for ever.

    With --every and --json each round is a line. A round that fails is told, and the next one tries again.
    """
    address = resolve(dsn)
    with TicketDB(address) as db:
        if every is None:
            counts = db.run_maintenance(horizon)
            show([_without_errors(counts) if not as_json else counts], as_json)
            if _tell_errors(counts):
                raise typer.Exit(REFUSED)
            return
        with until_stopped() as stop:
            while not stop.is_set():
                try:
                    counts = db.run_maintenance(horizon)
                except (psycopg.Error, TicketDBError) as error:
                    complain(error, address)
                else:
                    _show_round(counts, as_json)
                    _tell_errors(counts)
                stop.wait(every)


def _without_errors(counts: dict[str, Any]) -> dict[str, Any]:
    return {name: count for name, count in counts.items() if name != "errors"}


def _show_round(counts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(counts, ensure_ascii=False))
        return
    done = [f"{name.replace('_', ' ')}: {count}" for name, count in _without_errors(counts).items() if count]
    say("done", ", ".join(done) or "nothing was late")


def _tell_errors(counts: dict[str, Any]) -> int:
    """Say what failed; returns how much that was."""
    errors = counts.get("errors", [])
    for error in errors:
        where = " of ".join(error[name] for name in ("step", "event_code") if name in error)
        say("error", f"{where}: {error['message']} [SQLSTATE {error['sqlstate']}]")
    return len(errors)
