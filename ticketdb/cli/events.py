"""generate, availability, participants."""

from datetime import date
from typing import Annotated

import typer

from ticketdb.cli._calendar import months
from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._output import Json, say, show, stdout
from ticketdb.cli._parsers import FromDate, Schedule, ToDate, definition_id
from ticketdb.models import SchedulePreview

# what fits on a screen; --json has the rest
_ON_SALE = (
    "schedule_id",
    "event_code",
    "title",
    "schedule_date",
    "start_time",
    "end_time",
    "max_tickets",
    "tickets_sold",
    "tickets_held",
    "tickets_available",
    "effective_price",
)
_WHO_COMES = (
    "participant_id",
    "name",
    "mobile",
    "ticket_quantity",
    "amount_paid",
    "scan_count",
    "booking_reference",
    "user_email",
)


def generate(
    code: Annotated[str, typer.Argument(help="Code of the event, such as yoga-morning.", metavar="CODE")],
    from_date: Annotated[date, FromDate],
    to_date: Annotated[date, ToDate],
    dsn: Dsn = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show the occurrences as a calendar; insert nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Insert the occurrences of an event that are missing in a period."""
    with connect(dsn) as db:
        event = definition_id(db, code)
        if preview:
            _show_calendar(db.preview_recurring_schedules(event, from_date, to_date), as_json)
            return
        created = db.generate_recurring_schedules(event, from_date, to_date)
        show([{"event_code": code, "schedules_created": created}], as_json)


def _show_calendar(occurrences: list[SchedulePreview], as_json: bool) -> None:
    if as_json or not occurrences:
        show(occurrences, as_json, empty="no occurrence")
        return
    console = stdout()
    for month in months(occurrences, console.width):
        console.print(month)
    there = sum(occurrence.already_exists for occurrence in occurrences)
    say("notice", f"{len(occurrences)} occurrences, {there} of them exist already (=)")
    for occurrence in occurrences:
        if occurrence.conflict is not None:
            say(
                "notice",
                f"! {occurrence.schedule_date} {occurrence.start_time:%H:%M} meets {occurrence.conflict}",
            )


def availability(
    dsn: Dsn = None,
    event_type: Annotated[
        str | None, typer.Option("--event-type", metavar="TYPE", help="Only this type, such as yoga.")
    ] = None,
    from_date: Annotated[date | None, FromDate] = None,
    to_date: Annotated[date | None, ToDate] = None,
    as_json: Json = False,
) -> None:
    """List the occurrences on sale and what is left of them."""
    with connect(dsn) as db:
        rows = db.event_availability(event_type, from_date, to_date)
        show(rows, as_json, _ON_SALE, empty="nothing is on sale")


def participants(schedule: Schedule, dsn: Dsn = None, as_json: Json = False) -> None:
    """List who comes to an occurrence."""
    with connect(dsn) as db:
        show(db.schedule_participants(schedule), as_json, _WHO_COMES, empty="nobody yet")
