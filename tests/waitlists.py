"""Small helpers for tests of the waiting list."""

from __future__ import annotations

from typing import Any

import psycopg
from factories import call, row, rows, schedule, sell, user, value
from race_shop import Shop

# Who waits although there is room: what the waiting list is there to prevent.
PASSED_OVER = """
select e.id
from public.event_waitlist as e
inner join ticketdb.schedule_offers as o on o.schedule_id = e.schedule_id and o.refusal is null
where e.status = 'waiting' and e.quantity <= o.max_tickets - (
    select coalesce(sum(r.quantity), 0)
    from public.ticket_reservations as r
    where r.schedule_id = e.schedule_id and r.status in ('held', 'confirmed')
)
"""


def end_transaction(tx: psycopg.Connection) -> None:
    """What happens when the transaction of a test commits, without committing it."""
    tx.execute("set constraints all immediate")
    tx.execute("set constraints all deferred")


def sold_out(tx: psycopg.Connection, capacity: int = 5, **columns: Any) -> tuple[int, list[int]]:
    """An occurrence of which every seat is sold, and its sales, each of one seat."""
    show = schedule(tx, max_tickets=capacity, **columns)
    return show, [sell(tx, show) for _ in range(capacity)]


def join(tx: psycopg.Connection, schedule_id: int, quantity: int = 1, **named: Any) -> Any:
    """A place in the waiting list: the row of join_waitlist, for a user of its own unless told otherwise."""
    if not named:
        named = {"user_id": user(tx)}
    return call(tx, "join_waitlist", schedule_id, quantity, **named)


def place(tx: psycopg.Connection, entry_id: int) -> Any:
    """A place in the waiting list as it is now."""
    return row(tx, "select * from public.v_waitlist where entry_id = %s", entry_id)


def free(tx: psycopg.Connection, reservation_id: int) -> None:
    """Cancel a sale, and end the transaction."""
    call(tx, "cancel_reservation", reservation_id)
    end_transaction(tx)


def statuses(tx: psycopg.Connection, *entries: Any) -> list[str]:
    return [place(tx, entry.entry_id).status for entry in entries]


def told(tx: psycopg.Connection) -> list[int]:
    """The reservations of which a message says that they are offered."""
    messages = rows(tx, "select * from public.ticket_notifications where kind = 'waitlist_offer' order by id")
    return [message.reservation_id for message in messages]


def passed_over(tx: psycopg.Connection) -> list[Any]:
    return rows(tx, PASSED_OVER)


def settle(shop: Shop) -> list[Any]:
    """Who is passed over once nobody is busy any more."""
    return passed_over(shop.admin.connection)


def waiting(tx: psycopg.Connection, schedule_id: int) -> int:
    return value(
        tx,
        "select count(*) from public.event_waitlist where schedule_id = %s and status = 'waiting'",
        schedule_id,
    )
