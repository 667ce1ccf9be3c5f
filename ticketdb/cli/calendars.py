"""ics."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._output import say
from ticketdb.cli._parsers import FromDate, ToDate, definition_id


def ics(
    code: Annotated[
        str | None, typer.Argument(help="Code of the event, such as yoga-morning.", metavar="CODE")
    ] = None,
    dsn: Dsn = None,
    space: Annotated[
        int | None, typer.Option("--space", metavar="ID", help="Instead: all events in this space.")
    ] = None,
    from_date: Annotated[date | None, FromDate] = None,
    to_date: Annotated[date | None, ToDate] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here, not to stdout.")
    ] = None,
) -> None:
    """Print the occurrences of an event, or in a space, as iCalendar."""
    if (code is None) == (space is None):
        raise typer.BadParameter("name either the code of an event or --space")
    with connect(dsn) as db:
        event = None if code is None else definition_id(db, code)
        text = db.schedules_ics(event, space, from_date, to_date)
    if output is None:
        typer.echo(text, nl=False)
        return
    # as it is: its line breaks are the format's
    output.write_bytes(text.encode())
    say("done", f"wrote {output}")
