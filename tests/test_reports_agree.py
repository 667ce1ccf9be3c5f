"""Random histories: reports add up to the payments, to the last paisa, however time is cut."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from factories import book, call, change, define, lapse, reserve, rows, schedule, value
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

ZONES = ("Asia/Kolkata", "Pacific/Kiritimati", "America/Los_Angeles", "Europe/London")
# around a clock change, and full of midnights
START = datetime(2020, 3, 27, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
ACTIONS = (
    "reserve",
    "lapse",
    "pay",
    "pay",
    "pay again",
    "release",
    "cancel",
    "book",
    "follow",
    "follow",
    "resize",
)
STEPS = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 30), st.integers(1, 4), MOMENTS)
CUTS = st.lists(st.integers(-1, 6), max_size=4)


class History:
    """What happened at a few events with little room; each step at a moment of its own."""

    def __init__(self, tx: psycopg.Connection) -> None:
        self.tx = tx
        self.number = 0
        self.bookings: list[int] = []
        self.schedules = [
            schedule(
                tx, define(tx, timezone=zone, event_type=f"type {n % 3}", default_ticket_price=f"{n}7.{n}3")
            )
            for n, zone in enumerate(ZONES)
        ]

    def step(self, action: str, which: int, quantity: int, moment: datetime) -> None:
        self.number += 1
        refusal = ""
        try:
            with self.tx.transaction():
                self._do(action, which, quantity)
        except psycopg.Error as error:
            refusal = error.sqlstate or "none"
        # what is refused did not happen
        assert refusal == "" or refusal.startswith("PT")
        # what has just been written was written then
        for table, column in (
            ("public.ticket_payments", "received_at"),
            ("ticketdb.refund_movements", "noted_at"),
            ("public.ticket_reservations", "confirmed_at"),
            ("public.ticket_reservations", "closed_at"),
        ):
            self.tx.execute(
                f"update {table} set {column} = %s where {column} > '2021-01-01'".encode(), (moment,)
            )

    def _do(self, action: str, which: int, quantity: int) -> None:
        tx, place = self.tx, self.schedules[which % len(self.schedules)]
        if action == "reserve":
            reserve(tx, place, quantity)
        elif action == "book":
            self.bookings.append(
                book(tx, place, attendees=quantity, status="paid", total_amount=f"{which}.{quantity}9")
            )
        elif action in ("follow", "resize") and self.bookings:
            booking = self.bookings[which % len(self.bookings)]
            status = ("paid", "cancelled", "pending")[quantity % 3]
            change(
                tx,
                "bookings",
                booking,
                **({"status": status} if action == "follow" else {"attendees": quantity}),
            )
        orders = rows(tx, "select id, status from public.ticket_reservations order by id")
        if not orders:
            return
        order = orders[which % len(orders)]
        if action == "lapse" and order.status == "held":
            lapse(tx, order.id)
        elif action in ("pay", "pay again"):
            reference = f"order {order.id}" if action == "pay" else f"again {self.number}"
            call(tx, "confirm_reservation", order.id, reference)
        elif action == "release":
            call(tx, "release_reservation", order.id)
        elif action == "cancel":
            call(tx, "cancel_reservation", order.id)


def by_day(tx: psycopg.Connection) -> dict[tuple[date, int], list[Decimal]]:
    """Of each local day and event what came in, and what became due back, from the tables themselves."""
    found: dict[tuple[date, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for column, query in enumerate(
        (
            "select p.received_at as moment, p.amount, p.id from public.ticket_payments as p",
            "select m.noted_at as moment, m.amount, m.payment_id as id from ticketdb.refund_movements as m",
        )
    ):
        for movement in rows(
            tx,
            f"""
            select m.moment, m.amount, d.id, d.timezone from ({query}) as m
            join public.ticket_payments as p on p.id = m.id
            join public.ticket_reservations as r on r.id = p.reservation_id
            join public.event_schedules as s on s.id = r.schedule_id
            join public.event_definitions as d on d.id = s.event_definition_id
            """,
        ):
            day = movement.moment.astimezone(ZoneInfo(movement.timezone)).date()
            found[day, movement.id][column] += movement.amount
    return dict(found)


def totals(tx: psycopg.Connection, source: str, *arguments: Any) -> tuple[Any, ...]:
    """Payments, tickets that stayed sold, money in, money back and the difference, over all rows."""
    return tuple(
        rows(
            tx,
            f"""
            select coalesce(sum(payments), 0) as payments,
                coalesce(sum(tickets_sold - tickets_returned), 0) as tickets,
                coalesce(sum(gross), 0) as gross, coalesce(sum(refunds), 0) as refunds,
                coalesce(sum(net), 0) as net
            from public.{source}
            """,
            *arguments,
        )[0]
    )


def kept(tx: psycopg.Connection) -> tuple[Any, ...]:
    """The same, from the tables."""
    return tuple(
        rows(
            tx,
            """
            select count(*) as payments,
                (select coalesce(sum(s.tickets_sold), 0) from public.event_schedules as s) as tickets,
                coalesce(sum(amount), 0) as gross, coalesce(sum(refund_due + refunded), 0) as refunds,
                coalesce(sum(amount - refund_due - refunded), 0) as net
            from public.ticket_payments
            """,
        )[0]
    )


@given(steps=st.lists(STEPS, min_size=5, max_size=40), cuts=CUTS)
# paid twice, then cancelled: the second payment was due back before
@example(
    steps=[("reserve", 0, 2, START)]
    + [(a, 0, 1, START + timedelta(days=n)) for n, a in enumerate(ACTIONS[2:7], 1)],
    cuts=[1, 2, 3],
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_sums_of_every_report_are_those_of_the_payments(
    tx: psycopg.Connection, steps: list[tuple[str, int, int, datetime]], cuts: list[int]
) -> None:
    with tx.transaction(force_rollback=True):
        history = History(tx)
        for step in steps:
            history.step(*step)
        truth = kept(tx)
        assert totals(tx, "report_sales()") == truth
        assert totals(tx, "report_revenue()") == truth
        assert totals(tx, "v_ticket_sales_by_event") == truth
        assert totals(tx, "v_revenue_by_event_type") == truth
        assert value(tx, "select coalesce(sum(refund_due), 0) from public.v_refunds_due") == truth[3]

        # periods that leave no day out, and have none in common
        edges = [None, *(START.date() + timedelta(days=days) for days in sorted(set(cuts))), None]
        for report in ("report_sales", "report_revenue"):
            parts = [
                totals(tx, f"{report}(%s::date, %s::date)", first, last and last - timedelta(days=1))
                for first, last in pairwise(edges)
            ]
            assert tuple(map(sum, zip(*parts, strict=True))) == truth

        seen = {
            (r.sale_date, r.event_definition_id): [r.gross, r.refunds]
            for r in rows(tx, "select * from report_sales()")
        }
        expected = by_day(tx)
        assert {key: seen.get(key) for key in expected} == expected
        assert all(amounts == [0, 0] for key, amounts in seen.items() if key not in expected)


def test_a_report_that_forgets_refunds_would_be_noticed(tx: psycopg.Connection) -> None:
    history = History(tx)
    for action in ("reserve", "pay", "cancel"):
        history.step(action, 0, 2, START)
    tx.execute("delete from ticketdb.refund_movements")
    assert totals(tx, "report_sales()") != kept(tx)
