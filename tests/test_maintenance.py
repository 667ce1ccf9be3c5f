"""The daily round: what is late is done, a bounded number of each kind, and nothing else is touched."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    assert_sound,
    book,
    call,
    change,
    counters,
    define,
    expect_error,
    insert,
    lapse,
    lapsed_hold,
    pay,
    reserve,
    rows,
    schedule,
    sell,
    status,
    sweep,
    user,
    value,
)

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")

DAY = timedelta(days=1)
LONG_AGO = timedelta(days=91)
# of each kind of work, where there was any
NOTHING: dict[str, int] = {}


def event(tx: psycopg.Connection, **columns: Any) -> int:
    """An event of which maintenance generates nothing."""
    return define(tx, **{"recurrence_type": "none", **columns})


def maintain(tx: psycopg.Connection, *horizon: Any) -> dict[str, int]:
    return work(call(tx, "run_maintenance", *horizon).run_maintenance)


def work(counts: dict[str, Any]) -> dict[str, int]:
    """What a round did, without what it had nothing to do of."""
    return defaultdict(int, {kind: count for kind, count in counts.items() if count})


def rounds(tx: psycopg.Connection, kind: str) -> list[int]:
    """How much of a kind of work each round did, until one found nothing to do."""
    done = [maintain(tx, 0)]
    while done[-1] != NOTHING:
        assert len(done) < 20
        done.append(maintain(tx, 0))
        assert_sound(tx)
    return [counts[kind] for counts in done[:-1]]


def test_where_nothing_is_late_nothing_is_done(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx))
    held, sold = reserve(tx, class_).reservation_id, sell(tx, class_)
    call(tx, "release_reservation", reserve(tx, class_).reservation_id)
    assert maintain(tx) == NOTHING
    assert (status(tx, held), status(tx, sold)) == ("held", "confirmed")
    assert counters(tx, class_) == (3, 1, 1)


# -- lapsed holds


def test_lapsed_holds_expire_and_live_ones_stay(tx: psycopg.Connection) -> None:
    first, second = schedule(tx, event(tx)), schedule(tx, event(tx))
    lapsed = [lapsed_hold(tx, first, 2), lapsed_hold(tx, second), lapsed_hold(tx, second, 2)]
    live = reserve(tx, first).reservation_id
    assert maintain(tx) == {**NOTHING, "holds_expired": 3}
    assert [status(tx, hold) for hold in lapsed] == ["expired"] * 3
    assert status(tx, live) == "held"
    assert (counters(tx, first), counters(tx, second)) == ((4, 1, 0), (5, 0, 0))
    assert maintain(tx) == NOTHING


def test_a_hold_that_expired_is_still_paid_while_there_are_seats(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx))
    hold = lapsed_hold(tx, class_, 2)
    maintain(tx)
    assert pay(tx, hold).status == "confirmed"


def test_many_lapsed_holds_take_several_rounds(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx), max_tickets=400)
    tx.execute("select public.reserve_tickets(%s) from generate_series(1, 250)", (class_,))
    tx.execute("update public.ticket_reservations set expires_at = clock_timestamp() where status = 'held'")
    done = rounds(tx, "holds_expired")
    assert sum(done) == 250
    assert len(done) > 1
    assert counters(tx, class_) == (400, 0, 0)


# -- occurrences that are over


def test_what_is_over_is_completed(tx: psycopg.Connection) -> None:
    of = event(tx)
    past = schedule(tx, of, schedule_date=NEXT_WEEK - 20 * DAY)
    blocked = schedule(tx, of, schedule_date=NEXT_WEEK - 21 * DAY, is_blocked=True)
    off = schedule(tx, of, schedule_date=NEXT_WEEK - 22 * DAY, status="cancelled")
    coming = schedule(tx, of)
    assert maintain(tx) == {**NOTHING, "schedules_completed": 2}
    states = dict(
        rows(tx, "select id, status from public.event_schedules where event_definition_id = %s", of)
    )
    assert states == {past: "completed", blocked: "completed", off: "cancelled", coming: "scheduled"}
    assert maintain(tx) == NOTHING


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"])
def test_an_occurrence_is_over_when_it_ends_where_it_takes_place(tx: psycopg.Connection, zone: str) -> None:
    def around(away: timedelta) -> int:
        start = (datetime.now(UTC) + away).astimezone(ZoneInfo(zone))
        end = start + timedelta(hours=1)
        return schedule(
            tx,
            event(tx, timezone=zone),
            schedule_date=start.date(),
            start_time=start.time(),
            end_time=end.time(),
        )

    over, running = around(timedelta(minutes=-62)), around(timedelta(minutes=-58))
    tx.execute("set local timezone = 'UTC'")
    assert maintain(tx) == {**NOTHING, "schedules_completed": 1}
    seen = "select status from public.event_schedules where id = %s"
    assert (value(tx, seen, over), value(tx, seen, running)) == ("completed", "scheduled")


def test_sales_of_a_completed_occurrence_stay_as_they_were(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx))
    sold, held = sell(tx, class_, 2), reserve(tx, class_).reservation_id
    change(tx, "event_schedules", class_, schedule_date=NEXT_WEEK - 20 * DAY)
    maintain(tx)
    assert (status(tx, sold), status(tx, held)) == ("confirmed", "held")
    # the hold is as good as before
    assert pay(tx, held).status == "confirmed"


def test_many_occurrences_that_are_over_take_several_rounds(tx: psycopg.Connection) -> None:
    tx.execute(
        """
        insert into public.event_schedules (
            event_definition_id, schedule_date, start_time, end_time, max_tickets
        )
        select %s, current_date - 2 - n, '07:00', '08:00', 5 from generate_series(1, 1100) as n
        """,
        (event(tx),),
    )
    done = rounds(tx, "schedules_completed")
    assert sum(done) == 1100
    assert len(done) > 1


# -- old holds that came to nothing


def close(tx: psycopg.Connection, reservation: int, ago: timedelta) -> int:
    """A reservation that was released so long ago; returns it."""
    if status(tx, reservation) == "held":
        call(tx, "release_reservation", reservation)
    change(tx, "ticket_reservations", reservation, closed_at=datetime.now(UTC) - ago)
    return reservation


def there(tx: psycopg.Connection, *reservations: int) -> list[int]:
    """Those of the reservations that are still there."""
    ids = "select id from public.ticket_reservations where id = any (%s) order by id"
    return [found.id for found in rows(tx, ids, list(reservations))]


def test_old_holds_that_came_to_nothing_are_deleted(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx))
    released, recent, young = (close(tx, reserve(tx, class_).reservation_id, LONG_AGO) for _ in range(3))
    change(tx, "ticket_reservations", recent, closed_at=datetime.now(UTC) - timedelta(days=89))
    change(tx, "ticket_reservations", young, closed_at=datetime.now(UTC))
    expired = lapsed_hold(tx, class_)
    sweep(tx, class_)
    change(tx, "ticket_reservations", expired, closed_at=datetime.now(UTC) - LONG_AGO)
    assert maintain(tx) == {**NOTHING, "holds_deleted": 2}
    assert there(tx, released, recent, young, expired) == [recent, young]
    assert counters(tx, class_) == (5, 0, 0)


def test_what_was_ever_paid_or_sold_is_never_deleted(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx), max_tickets=10)
    sold, cancelled, lapsed, refunded = (reserve(tx, class_).reservation_id for _ in range(4))
    pay(tx, sold)
    pay(tx, cancelled)
    call(tx, "cancel_reservation", cancelled)
    call(tx, "release_reservation", refunded)
    change(tx, "event_schedules", class_, is_blocked=True)
    assert pay(tx, refunded).status == "refund_due"
    # as somebody's hand may leave it: closed, but with a payment
    close(tx, lapsed, LONG_AGO)
    insert(
        tx, "ticket_payments", reservation_id=lapsed, payment_reference="by hand", amount=100, refund_due=100
    )
    for one in (sold, cancelled, refunded):
        change(tx, "ticket_reservations", one, closed_at=datetime.now(UTC) - LONG_AGO)
    assert maintain(tx) == NOTHING
    assert there(tx, sold, cancelled, lapsed, refunded) == sorted([sold, cancelled, lapsed, refunded])


def test_the_hold_of_a_booking_is_not_deleted(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx))
    booking = book(tx, class_)
    hold = value(tx, "select id from public.ticket_reservations where booking_id = %s", booking)
    change(tx, "bookings", booking, status="cancelled")
    change(tx, "ticket_reservations", hold, closed_at=datetime.now(UTC) - LONG_AGO)
    assert maintain(tx) == NOTHING
    assert there(tx, hold) == [hold]
    change(tx, "bookings", booking, status="pending")
    assert status(tx, hold) == "held"


def test_a_series_keeps_its_first_reservation(tx: psycopg.Connection) -> None:
    of = event(tx)
    for n in range(3):
        schedule(tx, of, schedule_date=NEXT_WEEK + n * DAY)
    order = "select reservation_id from public.reserve_series(%s, %s::date, %s::date)"
    first, second, third = (row.reservation_id for row in rows(tx, order, of, NEXT_WEEK, NEXT_WEEK + 2 * DAY))
    for one in (first, second):
        close(tx, one, LONG_AGO)
    pay(tx, third)
    assert maintain(tx) == {**NOTHING, "holds_deleted": 1}
    assert there(tx, first, second, third) == [first, third]


def test_many_old_holds_take_several_rounds(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, event(tx))
    tx.execute(
        """
        insert into public.ticket_reservations (
            schedule_id, quantity, unit_price, total_amount, status, expires_at, closed_at
        )
        select %s, 1, 100, 100, 'expired', now() - %s, now() - %s from generate_series(1, 1100)
        """,
        (class_, LONG_AGO, LONG_AGO),
    )
    done = rounds(tx, "holds_deleted")
    assert sum(done) == 1100
    assert len(done) > 1


# -- the horizon


def generated(tx: psycopg.Connection, of: int) -> list[date]:
    seen = "select schedule_date from public.event_schedules where event_definition_id = %s order by 1"
    return [row.schedule_date for row in rows(tx, seen, of)]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_horizon_begins_today_where_the_event_takes_place(tx: psycopg.Connection, zone: str) -> None:
    # these two never have the same date
    of = define(tx, timezone=zone)
    tx.execute("set local timezone = 'Asia/Kolkata'")
    today = value(tx, "select (now() at time zone %s)::date", zone)
    assert maintain(tx, 2)["schedules_generated"] == 3
    assert generated(tx, of) == [today, today + DAY, today + 2 * DAY]


@pytest.mark.parametrize(("horizon", "days"), [((), 31), ((0,), 1), ((3650,), 3651)])
def test_the_horizon_is_thirty_days_unless_told_otherwise(
    tx: psycopg.Connection, horizon: tuple[int, ...], days: int
) -> None:
    define(tx)
    assert maintain(tx, *horizon)["schedules_generated"] == days
    assert maintain(tx, *horizon)["schedules_generated"] == 0


def test_only_what_recurs_and_is_active_is_generated(tx: psycopg.Connection) -> None:
    today = value(tx, "select (now() at time zone 'Asia/Kolkata')::date")
    once, inactive = event(tx), define(tx, is_active=False)
    weekly = define(tx, recurrence_type="weekly", recurrence_days=str(today.isoweekday()))
    assert maintain(tx, 13)["schedules_generated"] == 2
    assert [generated(tx, of) for of in (once, inactive, weekly)] == [[], [], [today, today + 7 * DAY]]


def test_clock_changes_within_the_horizon_stop_nothing(tx: psycopg.Connection) -> None:
    # every half hour of the night, for some clock changes at 02:00
    for hour, minute in [(hour, minute) for hour in range(4) for minute in (0, 30)]:
        start, end = f"{hour:02}:{minute:02}", f"{hour + minute // 30:02}:{(minute + 30) % 60:02}"
        define(tx, timezone="Europe/Paris", default_start_time=start, default_end_time=end)
    assert maintain(tx, 370)["schedules_generated"] == 8 * 371


@pytest.mark.parametrize("horizon", [None, -1, 3651])
def test_a_horizon_that_makes_no_sense_is_refused(tx: psycopg.Connection, horizon: int | None) -> None:
    hold = lapsed_hold(tx, schedule(tx))
    with expect_error(tx, "PT400", "invalid_argument", horizon_days=horizon):
        maintain(tx, horizon)
    assert status(tx, hold) == "held"


def test_the_wrapper_returns_the_counts(tx: psycopg.Connection) -> None:
    hold = reserve(tx, schedule(tx, event(tx)), user_id=user(tx)).reservation_id
    lapse(tx, hold)
    assert work(TicketDB(tx).run_maintenance(0)) == {**NOTHING, "holds_expired": 1}
