"""Options that are more than text."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from ticketdb import TicketDB
from ticketdb.cli._failure import CommandError


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write it as YYYY-MM-DD") from None


def _money(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is not an amount; write it as 120.50") from None


FromDate = typer.Option(
    "--from", envvar="TICKETDB_FROM", parser=_date, metavar="DATE", help="First day, YYYY-MM-DD."
)
ToDate = typer.Option("--to", envvar="TICKETDB_TO", parser=_date, metavar="DATE", help="Last day, included.")
Amount = typer.Option("--amount", parser=_money, metavar="AMOUNT", help="Amount that arrived.")
Schedule = Annotated[int, typer.Argument(help="Id of the occurrence.", metavar="SCHEDULE")]
Reservation = Annotated[str, typer.Argument(help="Id or code (R-...) of it.", metavar="RESERVATION")]


def definition_id(db: TicketDB, code: str) -> int:
    """The id of the event with this code."""
    row = db.connection.execute(
        "select d.id from public.event_definitions as d where d.event_code = %s", (code,)
    ).fetchone()
    if row is None:
        raise CommandError(f"there is no event {code!r}", "`ticketdb availability` lists the events on sale.")
    return int(row[0])


def reservation_id(db: TicketDB, name: str) -> int:
    """The id of the reservation with this id or code. Whether there is one with the id, its function says."""
    if name.isascii() and name.isdigit():
        return int(name)
    row = db.connection.execute(
        "select r.id from public.ticket_reservations as r where r.reservation_code = upper(%s)", (name,)
    ).fetchone()
    if row is None:
        raise CommandError(
            f"there is no reservation {name!r}", "Give its id, or its code as `ticketdb reserve` printed it."
        )
    return int(row[0])
