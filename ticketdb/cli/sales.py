"""reserve, confirm, release, cancel."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

import typer

from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._output import Json, say, show
from ticketdb.cli._parsers import Amount, Reservation, Schedule, reservation_id


def reserve(
    schedule: Schedule,
    dsn: Dsn = None,
    quantity: Annotated[int, typer.Option("--quantity", "-n", metavar="N", help="Number of tickets.")] = 1,
    ticket_type: Annotated[
        int | None, typer.Option("--ticket-type", metavar="ID", help="Id of the ticket type.")
    ] = None,
    user: Annotated[int | None, typer.Option("--user", metavar="ID", help="Id of the buyer.")] = None,
    hold_minutes: Annotated[
        int | None, typer.Option("--hold-minutes", metavar="N", help="How long to hold them; by default 15.")
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option("--idempotency-key", metavar="KEY", help="Makes a repetition harmless.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the buyer.")] = None,
    mobile: Annotated[str | None, typer.Option("--mobile", help="Telephone number of the buyer.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Mail address of the buyer.")] = None,
    as_json: Json = False,
) -> None:
    """Take tickets out of sale until they are paid or the hold lapses."""
    given = {"name": name, "mobile": mobile, "email": email}
    contact = {key: value for key, value in given.items() if value is not None}
    with connect(dsn) as db:
        held = db.reserve_tickets(
            schedule,
            quantity,
            ticket_type,
            user,
            None if hold_minutes is None else timedelta(minutes=hold_minutes),
            idempotency_key,
            contact or None,
        )
        show([held], as_json)
        say("hint", f"paid? ticketdb confirm {held.reservation_code} --reference PAYMENT")


def confirm(
    reservation: Reservation,
    reference: Annotated[
        str, typer.Option("--reference", metavar="REF", help="Reference of the payment, by its provider.")
    ],
    dsn: Dsn = None,
    amount: Annotated[Decimal | None, Amount] = None,
    as_json: Json = False,
) -> None:
    """Record the payment of a reservation and issue its tickets."""
    with connect(dsn) as db:
        confirmed = db.confirm_reservation(reservation_id(db, reservation), reference, amount)
        show([confirmed], as_json)
        if confirmed.refund_due:
            say(
                "notice",
                f"the payment is on record, but there is no seat for it: pay back {confirmed.refund_due}",
            )


def release(reservation: Reservation, dsn: Dsn = None, as_json: Json = False) -> None:
    """Give up a reservation that is not paid."""
    with connect(dsn) as db:
        show([db.release_reservation(reservation_id(db, reservation))], as_json)


def cancel(
    reservation: Reservation,
    dsn: Dsn = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why, kept on record.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Cancel a paid reservation: its tickets become void and its seats go back on sale."""
    with connect(dsn) as db:
        show([db.cancel_reservation(reservation_id(db, reservation), reason)], as_json)
