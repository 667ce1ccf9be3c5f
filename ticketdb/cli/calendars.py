"""ics, import-ics."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from ticketdb import TicketDB
from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._failure import CommandError, writing
from ticketdb.cli._icalendar import read_events
from ticketdb.cli._output import Json, say, show
from ticketdb.cli._parsers import FromDate, ToDate, definition_id
from ticketdb.errors import TicketDBError
from ticketdb.models import ImportedEvent


def ics(
    code: Annotated[
        str | None, typer.Argument(help="Code of the event, such as yoga-morning.", metavar="CODE")
    ] = None,
    dsn: Dsn = None,
    space: Annotated[
        int | None, typer.Option("--space", metavar="ID", help="Instead: all events in this space.")
    ] = None,
    rule: Annotated[
        bool, typer.Option("--rule", help="One event with its rule, instead of each occurrence.")
    ] = False,
    from_date: Annotated[date | None, FromDate] = None,
    to_date: Annotated[date | None, ToDate] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here, not to stdout.")
    ] = None,
) -> None:
    """Print the occurrences of an event, or in a space, or the rule of an event, as iCalendar."""
    if (code is None) == (space is None):
        raise typer.BadParameter("name either the code of an event or --space")
    if rule and (code is None or from_date is not None or to_date is not None):
        raise typer.BadParameter("--rule is of one event, and of no period")
    with connect(dsn) as db:
        event = None if code is None else definition_id(db, code)
        if rule and event is not None:
            text = db.definition_ics(event)
        else:
            text = db.schedules_ics(event, space, from_date, to_date)
    if output is None:
        typer.echo(text, nl=False)
        return
    # as it is: its line breaks are the format's
    with writing(output):
        output.write_bytes(text.encode())
    say("done", f"wrote {output}")


def import_ics(
    file: Annotated[
        Path, typer.Argument(help="Calendar to read.", metavar="FILE", exists=True, dir_okay=False)
    ],
    dsn: Dsn = None,
    category: Annotated[
        str | None,
        typer.Option("--category", envvar="TICKETDB_CATEGORY", help="Category, such as wellness."),
    ] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", envvar="TICKETDB_TYPE", help="Type, such as yoga.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all of it, and take it back.")] = False,
    as_json: Json = False,
) -> None:
    """Make events of those in a calendar, or bring them up to date; all of the file, or nothing."""
    events = read_events(file.read_bytes(), file.name)
    given = {"event_category": category, "event_type": event_type}
    given = {name: value for name, value in given.items() if value is not None}
    with connect(dsn) as db, db.connection.transaction(force_rollback=dry_run):
        imported = _import_all(db, [event | given for event in events], file.name)
    show(imported, as_json)
    if dry_run:
        say("notice", "nothing was changed: --dry-run")
    elif any(event.result == "created" for event in imported):
        say("hint", "New events are drafts: set price and number of places, then is_active.")


def _import_all(db: TicketDB, events: list[dict[str, Any]], name: str) -> list[ImportedEvent]:
    imported: dict[str, ImportedEvent] = {}
    failed: dict[str, TicketDBError] = {}
    # one order for all who import: two files with the same events wait for each other, in no circle
    for event in sorted(events, key=lambda event: event["uid"]):
        try:
            imported[event["uid"]] = db.import_event(event)
        except TicketDBError as error:
            failed[event["uid"]] = error
    refused = [
        (event["title"] or event["uid"], failed[event["uid"]]) for event in events if event["uid"] in failed
    ]
    if refused:
        # all of them, for whoever corrects the file once
        raise CommandError(
            f"nothing of {name} was imported\n"
            + "\n".join(f"{title}: {error.message}" for title, error in refused),
            "\n".join(dict.fromkeys(error.hint for _, error in refused if error.hint)),
        )
    return [imported[event["uid"]] for event in events]
