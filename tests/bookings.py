"""What became of the application's bookings."""

from __future__ import annotations

from typing import Any

import psycopg
from factories import rows, value


def reservation(tx: psycopg.Connection, booking: int) -> int:
    """The id of the reservation that follows a booking."""
    return value(tx, "select id from public.ticket_reservations where booking_id = %s", booking)


def followed(tx: psycopg.Connection, booking: int) -> tuple[Any, ...] | None:
    """Status and quantity of a booking's reservation, its valid tickets, and what is due back."""
    found = rows(
        tx,
        """
        select r.status, r.quantity, t.valid, coalesce(p.due, 0)
        from public.ticket_reservations as r
        cross join lateral (
            select count(*) filter (where v.status = 'valid') as valid
            from public.event_tickets as v where v.reservation_id = r.id
        ) as t
        cross join lateral (
            select sum(m.refund_due) as due from public.ticket_payments as m where m.reservation_id = r.id
        ) as p
        where r.booking_id = %s
        """,
        booking,
    )
    return found[0] if found else None
