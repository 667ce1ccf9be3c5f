"""Reports: by which day they go, what they count, who may read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from factories import (
    book,
    call,
    change,
    define,
    expect_error,
    pay,
    reserve,
    row,
    rows,
    schedule,
    sell,
    ticket_type,
    user,
    value,
)
from psycopg.errors import InsufficientPrivilege
from roles import acting

pytestmark = pytest.mark.usefixtures("sound")

REPORTS = ("sales", "revenue", "attendance", "occupancy", "no_shows")
VIEWS = ("v_ticket_sales_by_event", "v_revenue_by_event_type", "v_refunds_due")
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


def report(tx: psycopg.Connection, kind: str, start: Any = None, end: Any = None) -> list[Any]:
    return rows(tx, f"select * from public.report_{kind}(%s::date, %s::date)", start, end)


def dated(tx: psycopg.Connection, reservation_id: int, moment: str) -> None:
    """Let a reservation have been paid at this moment."""
    change(tx, "ticket_reservations", reservation_id, confirmed_at=moment)
    tx.execute(
        "update public.ticket_payments set received_at = %s where reservation_id = %s",
        (moment, reservation_id),
    )


def refunded(tx: psycopg.Connection, reservation_id: int, moment: str) -> None:
    """Let it have been cancelled at this moment."""
    call(tx, "cancel_reservation", reservation_id)
    change(tx, "ticket_reservations", reservation_id, closed_at=moment)
    tx.execute(
        """
        update ticketdb.refund_movements as m set noted_at = %s
        from public.ticket_payments as p where p.id = m.payment_id and p.reservation_id = %s
        """,
        (moment, reservation_id),
    )


def held_yesterday(tx: psycopg.Connection, **columns: Any) -> tuple[int, list[int]]:
    """An occurrence that is over, with a sale of two tickets and one of one."""
    schedule_id = schedule(tx, **columns)
    sales = [sell(tx, schedule_id, 2), sell(tx, schedule_id)]
    change(tx, "event_schedules", schedule_id, schedule_date=YESTERDAY)
    return schedule_id, sales


def admit(tx: psycopg.Connection, reservation_id: int) -> None:
    """Let one holder in."""
    code = value(
        tx,
        "select ticket_code from public.event_tickets where reservation_id = %s order by id limit 1",
        reservation_id,
    )
    assert call(tx, "check_in", code).result == "admitted"


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Kolkata", "2026-03-10"), ("America/New_York", "2026-03-09"), ("UTC", "2026-03-09")],
)
def test_the_day_of_a_sale_is_that_of_the_events_own_clock(
    tx: psycopg.Connection, zone: str, day: str
) -> None:
    dated(tx, sell(tx, schedule(tx, define(tx, timezone=zone))), "2026-03-09T20:00:00Z")
    (sale,) = report(tx, "sales")
    assert sale.sale_date == date.fromisoformat(day)
    assert report(tx, "sales", day, day) == [sale]
    assert report(tx, "sales", None, sale.sale_date - timedelta(days=1)) == []
    assert report(tx, "sales", sale.sale_date + timedelta(days=1)) == []


def test_a_period_of_the_farthest_clocks_loses_nothing(tx: psycopg.Connection) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        sold = sell(tx, schedule(tx, define(tx, timezone=zone)))
        for moment in ("2026-03-10T00:00:00", "2026-03-10T23:59:59.999999"):
            dated(tx, sold, value(tx, "select %s::timestamp at time zone %s", moment, zone))
            assert report(tx, "sales", "2026-03-10", "2026-03-10") != []


def test_a_refund_counts_on_the_day_it_became_due_and_leaves_the_day_of_the_sale_as_it_was(
    tx: psycopg.Connection,
) -> None:
    sold = sell(tx, schedule(tx, define(tx, timezone="UTC", default_ticket_price="100.05")), 3)
    dated(tx, sold, "2026-03-09T10:00:00Z")
    before = report(tx, "sales", "2026-03-09", "2026-03-09")
    refunded(tx, sold, "2026-03-12T10:00:00Z")
    assert report(tx, "sales", "2026-03-09", "2026-03-09") == before
    (sale,) = before
    (refund,) = report(tx, "sales", "2026-03-10")
    assert (sale.payments, sale.tickets_sold, sale.gross, sale.refunds) == (1, 3, Decimal("300.15"), 0)
    assert (refund.payments, refund.tickets_sold, refund.tickets_returned) == (0, 0, 3)
    assert (refund.sale_date, refund.gross, refund.refunds) == (date(2026, 3, 12), 0, Decimal("300.15"))
    assert refund.net == -sale.net == Decimal("-300.15")


def test_what_was_paid_twice_is_due_back_and_sells_nothing(tx: psycopg.Connection) -> None:
    sold = sell(tx, schedule(tx))
    pay(tx, sold, "again")
    (sale,) = report(tx, "sales")
    assert (sale.payments, sale.tickets_sold, sale.gross, sale.refunds, sale.net) == (2, 1, 200, 100, 100)
    due = row(tx, "select * from public.v_refunds_due")
    assert (due.payment_reference, due.refund_due, due.reservation_status) == ("again", 100, "confirmed")


def test_a_payment_that_found_no_seat_moves_money_and_no_tickets(tx: psycopg.Connection) -> None:
    schedule_id = schedule(tx)
    late = reserve(tx, schedule_id, 5).reservation_id
    call(tx, "release_reservation", late)
    sell(tx, schedule_id, 5)
    assert pay(tx, late).status == "refund_due"
    (sale,) = report(tx, "sales")
    assert (sale.payments, sale.tickets_sold, sale.tickets_returned, sale.net) == (2, 5, 0, 500)


def test_a_booking_that_is_cancelled_and_paid_after_all_is_one_sale(tx: psycopg.Connection) -> None:
    booking = book(tx, schedule(tx), status="paid", total_amount="300.75")
    for status in ("cancelled", "paid"):
        change(tx, "bookings", booking, status=status)
    (sale,) = report(tx, "sales")
    assert (sale.tickets_sold, sale.tickets_returned, sale.gross, sale.refunds) == (
        2,
        0,
        Decimal("300.75"),
        0,
    )
    assert rows(tx, "select * from public.v_refunds_due") == []


def test_revenue_is_by_type_of_event(tx: psycopg.Connection) -> None:
    yoga, zumba = (schedule(tx, define(tx, event_type=kind)) for kind in ("yoga", "zumba"))
    vip = ticket_type(tx, zumba, price="250.50")
    for schedule_id, chosen in ((yoga, None), (yoga, None), (zumba, vip)):
        sell(tx, schedule_id, ticket_type_id=chosen)
    found = [(r.event_type, r.payments, r.net) for r in report(tx, "revenue")]
    assert found == [("yoga", 2, 200), ("zumba", 1, Decimal("250.50"))]
    seen = rows(tx, "select event_type, payments, net from public.v_revenue_by_event_type order by 1")
    assert [tuple(r) for r in seen] == found


def test_attendance_is_by_the_day_of_the_event(tx: psycopg.Connection) -> None:
    schedule_id, (pair, _) = held_yesterday(tx)
    admit(tx, pair)
    (seen,) = report(tx, "attendance", YESTERDAY, YESTERDAY)
    assert (seen.schedule_id, seen.tickets_sold, seen.admitted, seen.no_shows) == (schedule_id, 3, 1, 2)
    assert seen.attendance_rate == Decimal("0.3333")
    assert report(tx, "attendance", YESTERDAY + timedelta(days=1)) == []
    assert [tuple(r[-2:]) for r in report(tx, "no_shows", YESTERDAY, YESTERDAY)] == [(2, 1), (1, 1)]


def test_void_tickets_and_what_is_to_come_are_nobodys_absence(tx: psycopg.Connection) -> None:
    _, (pair, single) = held_yesterday(tx)
    call(tx, "cancel_reservation", single)
    admit(tx, pair)
    sell(tx, schedule(tx))
    (seen,) = report(tx, "attendance")
    assert (seen.tickets_sold, seen.admitted, seen.no_shows) == (2, 1, 1)
    assert [r.reservation_id for r in report(tx, "no_shows")] == [pair]


def test_until_it_is_over_nobody_is_missing(tx: psycopg.Connection) -> None:
    schedule_id, _ = held_yesterday(tx, definition_id=define(tx, timezone="UTC"))
    now = datetime.now(UTC)
    begun = now - timedelta(minutes=1)
    change(
        tx,
        "event_schedules",
        schedule_id,
        schedule_date=begun.date(),
        start_time=begun.time(),
        end_time=(now + timedelta(hours=1)).time(),
    )
    (seen,) = report(tx, "attendance")
    assert (seen.admitted, seen.no_shows) == (0, None)
    assert report(tx, "no_shows") == []


def test_occupancy_is_by_local_weekday_and_hour(tx: psycopg.Connection) -> None:
    held_yesterday(tx, start_time="07:45", end_time="08:30")
    held_yesterday(tx, start_time="07:00")
    (seen,) = report(tx, "occupancy")
    assert (seen.weekday, seen.hour, seen.schedules) == (YESTERDAY.isoweekday(), 7, 2)
    assert (seen.max_tickets, seen.tickets_sold, seen.occupancy) == (10, 6, Decimal("0.6000"))


@pytest.mark.parametrize("columns", [{"status": "cancelled"}, {"is_blocked": True}])
def test_what_did_not_take_place_is_in_no_report_on_attendance(
    tx: psycopg.Connection, columns: dict[str, Any]
) -> None:
    schedule_id, _ = held_yesterday(tx)
    change(tx, "event_schedules", schedule_id, **columns)
    assert [report(tx, kind) for kind in ("attendance", "occupancy", "no_shows")] == [[], [], []]
    assert report(tx, "sales") != []


@pytest.mark.parametrize("kind", REPORTS)
def test_a_period_that_ends_before_it_begins_is_refused(tx: psycopg.Connection, kind: str) -> None:
    with expect_error(tx, "PT400", "invalid_argument", start_date="2026-03-02", end_date="2026-03-01"):
        report(tx, kind, "2026-03-02", "2026-03-01")


@pytest.mark.parametrize("kind", REPORTS)
def test_a_period_as_long_as_dates_go_is_everything(tx: psycopg.Connection, kind: str) -> None:
    held_yesterday(tx)
    assert report(tx, kind, "4713-01-01 BC", "5874897-12-31") == report(tx, kind) != []
    assert report(tx, kind, "5874897-12-31", None) == report(tx, kind, None, "4713-01-01 BC") == []


@pytest.mark.parametrize("kind", REPORTS)
def test_reports_take_an_admin_and_have_an_open_end(tx: psycopg.Connection, kind: str) -> None:
    value(tx, "select ticketdb.create_roles()")
    value(tx, "select ticketdb.grant_roles()")
    held_yesterday(tx)
    with acting(tx, "authenticated", user_id=user(tx)), expect_error(tx, "PT403", "not_allowed"):
        report(tx, kind)
    with acting(tx, "anon"), pytest.raises(InsufficientPrivilege), tx.transaction():
        report(tx, kind)
    for role, claims in (("authenticated", {"app_metadata": {"role": "admin"}}), ("service_role", {})):
        with acting(tx, role, **claims):
            assert report(tx, kind, "-infinity", "infinity") == report(tx, kind) != []


@pytest.mark.parametrize("view", VIEWS)
def test_views_show_staff_all_and_others_nothing(tx: psycopg.Connection, view: str) -> None:
    value(tx, "select ticketdb.create_roles()")
    value(tx, "select ticketdb.grant_roles()")
    buyer = user(tx)
    call(tx, "cancel_reservation", sell(tx, schedule(tx), user_id=buyer))
    query = f"select * from public.{view}"
    with acting(tx, "authenticated", user_id=buyer):
        assert rows(tx, query) == []
    with acting(tx, "anon"), pytest.raises(InsufficientPrivilege), tx.transaction():
        rows(tx, query)
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        assert len(rows(tx, query)) == 1
