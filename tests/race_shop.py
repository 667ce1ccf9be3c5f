"""A shop to race in, and what must hold in it afterwards."""

from __future__ import annotations

import time
from typing import Any

from race_helpers import PATIENCE, Client, Connect, Refusal


class Shop:
    """One event at 100 a ticket. `connect` opens connections to a database of the test's own."""

    def __init__(self, connect: Connect) -> None:
        self.connect = connect
        self.admin = self.client()
        self.event = self.admin.ask(
            """
            insert into public.event_definitions (
                event_code, title, event_category, event_type, default_ticket_price, timezone
            ) values ('race', 'Race', 'live-show', 'concert', 100, 'UTC')
            returning id
            """
        ).id

    def client(self) -> Client:
        return Client(self.connect())

    def hurried(self) -> Client:
        """A client that finds a deadlock after 50 ms instead of a second."""
        client = self.client()
        client.ask("set deadlock_timeout = '50ms'")
        return client

    def clients(self, number: int) -> list[Client]:
        return [self.client() for _ in range(number)]

    def schedule(self, capacity: int) -> int:
        return self.admin.ask(
            """
            insert into public.event_schedules (
                event_definition_id, schedule_date, start_time, end_time, max_tickets
            )
            select %s, current_date + 7 + count(*)::int, '10:00', '11:00', %s from public.event_schedules
            returning id
            """,
            self.event, capacity,
        ).id  # fmt: skip

    def ticket_type(self, limit: int | None) -> int:
        return self.admin.ask(
            """
            insert into public.ticket_types (event_definition_id, name, price, max_quantity)
            values (%s, 'VIP', 100, %s)
            returning id
            """,
            self.event, limit,
        ).id  # fmt: skip

    def lapse(self, reservation: int) -> None:
        """Let a hold run out of time now."""
        self.admin.ask(
            "update public.ticket_reservations set expires_at = clock_timestamp() where id = %s", reservation
        )

    def lapsed_hold(self, schedule: int, quantity: int = 1) -> int:
        reservation = self.admin.reserve(schedule, quantity).reservation_id
        self.lapse(reservation)
        return reservation

    def waits(self, client: Client, on: Client) -> bool:
        """Whether what the client started waits for a lock of `on`, even behind others; False if it ended."""
        assert client.pending is not None
        deadline = time.monotonic() + PATIENCE
        while not client.pending.done():
            row = self.admin.ask(
                """
                with recursive chain (pid) as (
                    select unnest(pg_blocking_pids(%s))
                    union
                    select unnest(pg_blocking_pids(c.pid)) from chain as c
                )
                select exists (select from chain as c where c.pid = %s) as waits
                """,
                client.pid, on.pid,
            )  # fmt: skip
            if row.waits:
                return True
            if time.monotonic() > deadline:
                raise TimeoutError("it neither ended nor waits")
            time.sleep(0.002)
        return False

    def status(self, reservation: int) -> str:
        return self.admin.ask(
            "select r.status from public.ticket_reservations as r where r.id = %s", reservation
        ).status

    def seats(self, schedule: int) -> int:
        """Seats sold or held, by the reservations themselves."""
        return self.admin.ask(
            """
            select coalesce(sum(r.quantity), 0)::int as taken
            from public.ticket_reservations as r
            where r.schedule_id = %s and r.status in ('held', 'confirmed')
            """,
            schedule,
        ).taken

    def payments(self, reservation: int) -> list[tuple[str, int]]:
        """Reference and refund of each payment."""
        return self.admin.connection.execute(
            """
            select p.payment_reference, p.refund_due::int
            from public.ticket_payments as p
            where p.reservation_id = %s
            order by p.id
            """,
            [reservation],
        ).fetchall()


# Each row is a rule that is broken: told from the rows alone, not from the counters that keep the rules.
BROKEN_RULES = """
select 'oversold' as rule, s.id, sum(r.quantity) as found, s.max_tickets as expected
from public.event_schedules as s
inner join public.ticket_reservations as r on r.schedule_id = s.id and r.status in ('held', 'confirmed')
group by s.id
having sum(r.quantity) > s.max_tickets
union all
select 'tickets_sold', s.id, s.tickets_sold, coalesce(sum(r.quantity), 0)
from public.event_schedules as s
left join public.ticket_reservations as r on r.schedule_id = s.id and r.status = 'confirmed'
group by s.id
having coalesce(sum(r.quantity), 0) <> s.tickets_sold
union all
select 'ticket type oversold', r.schedule_id, sum(r.quantity), t.max_quantity
from public.ticket_types as t
inner join public.ticket_reservations as r on r.ticket_type_id = t.id and r.status in ('held', 'confirmed')
group by r.schedule_id, t.id
having sum(r.quantity) > t.max_quantity
union all
-- whoever paid has a seat or gets the money back, never both
select 'payment neither seated nor due back', r.id, k.amount, d.amount
from public.ticket_reservations as r
cross join lateral (select case when r.status = 'confirmed' then r.total_amount else 0 end as amount) as d
cross join lateral (
    select coalesce(sum(p.amount - p.refund_due), 0) as amount
    from public.ticket_payments as p
    where p.reservation_id = r.id
) as k
where k.amount <> d.amount
union all
select v.problem, v.schedule_id, v.actual, v.expected from public.verify_inventory() as v
"""


def assert_consistent(shop: Shop) -> None:
    """Nothing is oversold, no counter is off, no payment is lost."""
    assert shop.admin.connection.execute(BROKEN_RULES).fetchall() == []


def check_no_deadlock(shop: Shop, *answers: Any) -> None:
    """Every refusal is one of ours, with a reason."""
    assert {a for a in answers if isinstance(a, Refusal) and not a.sqlstate.startswith("PT")} == set()
    assert_consistent(shop)
