"""Holds: how long they last, and that a lapsed one never blocks a buyer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from factories import (
    call,
    change,
    counters,
    expect_error,
    lapse,
    lapsed_hold,
    pay,
    pool,
    reserve,
    schedule,
    sell,
    status,
    sweep,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")


def test_the_counters_follow_a_sale_from_hold_to_cancellation(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    assert counters(tx, class_) == (5, 0, 0)
    held = reserve(tx, class_, 2)
    assert (held.status, counters(tx, class_)) == ("held", (3, 2, 0))
    sold = pay(tx, held.reservation_id)
    assert (sold.status, sold.tickets_sold, counters(tx, class_)) == ("confirmed", 2, (3, 0, 2))
    cancelled = call(tx, "cancel_reservation", held.reservation_id, "ill")
    assert (cancelled.status, cancelled.refund_due) == ("cancelled", 200)
    assert counters(tx, class_) == (5, 0, 0)
    reason = "select close_reason from public.ticket_reservations where id = %s"
    assert value(tx, reason, held.reservation_id) == "ill"


def test_a_released_hold_gives_its_seats_back_once(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 4)
    released = call(tx, "release_reservation", held.reservation_id)
    assert released.status == "released"
    assert counters(tx, class_) == (5, 0, 0)
    assert call(tx, "release_reservation", held.reservation_id) == released
    assert counters(tx, class_) == (5, 0, 0)


def test_a_cancelled_hold_is_released_and_nothing_is_due(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 2).reservation_id
    assert call(tx, "cancel_reservation", held) == (held, "released", 0)
    assert counters(tx, class_) == (5, 0, 0)


def test_a_hold_that_was_given_up_cannot_be_cancelled(tx: psycopg.Connection) -> None:
    held = reserve(tx, schedule(tx)).reservation_id
    call(tx, "release_reservation", held)
    with expect_error(tx, "PT410", "reservation_released"):
        call(tx, "cancel_reservation", held)


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("function", ["release_reservation", "cancel_reservation"])
def test_a_lapsed_hold_cannot_be_given_up(tx: psycopg.Connection, function: str, swept: bool) -> None:
    class_ = schedule(tx)
    lapsed = lapsed_hold(tx, class_)
    if swept:
        sweep(tx, class_)
    with expect_error(tx, "PT410", "reservation_expired"):
        call(tx, function, lapsed)


def test_a_hold_lasts_fifteen_minutes_or_as_long_as_asked(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    now = datetime.now(UTC)
    usual = reserve(tx, class_).expires_at - now
    longer = reserve(tx, class_, hold_for=timedelta(hours=2)).expires_at - now
    assert timedelta(minutes=14, seconds=50) < usual < timedelta(minutes=15, seconds=30)
    assert timedelta(minutes=119, seconds=50) < longer < timedelta(minutes=120, seconds=30)


def test_a_hold_lapses_by_itself(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    reserve(tx, class_, 5, hold_for=timedelta(milliseconds=20))
    tx.execute("select pg_sleep(0.03)")
    assert counters(tx, class_) == (5, 0, 0)
    assert reserve(tx, class_, 5).status == "held"


@pytest.mark.parametrize("swept", [False, True])
def test_a_lapsed_hold_never_blocks_a_buyer(tx: psycopg.Connection, swept: bool) -> None:
    class_ = schedule(tx)
    lapsed = lapsed_hold(tx, class_, 5)
    if swept:
        sweep(tx, class_)
    assert counters(tx, class_) == (5, 0, 0)
    reserve(tx, class_, 5)
    assert (status(tx, lapsed), counters(tx, class_)) == ("expired", (0, 5, 0))
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, class_)


def test_of_several_holds_only_the_lapsed_ones_come_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    live = reserve(tx, class_, 2).reservation_id
    lapsed_hold(tx, class_, 1)
    lapsed_hold(tx, class_, 1)
    sell(tx, class_, 1)
    assert counters(tx, class_) == (2, 2, 1)
    with expect_error(tx, "PT409", "sold_out", available=2, requested=3):
        reserve(tx, class_, 3)
    reserve(tx, class_, 2)
    assert (status(tx, live), counters(tx, class_)) == ("held", (0, 4, 1))


def test_hundreds_of_lapsed_holds_come_back_for_one_buyer(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=250)
    tx.execute(
        """
        insert into public.ticket_reservations (schedule_id, quantity, unit_price, total_amount, expires_at)
        select %s, 1, 0, 0, now() - interval '1 hour' from generate_series(1, 250)
        """,
        (class_,),
    )
    assert pool(tx, class_) == (250, 0)
    reserve(tx, class_, 250)
    assert pool(tx, class_) == (250, 0)


def test_the_last_seat_is_sold_once(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=3)
    sell(tx, class_, 2)
    with expect_error(tx, "PT409", "sold_out", available=1, requested=2):
        reserve(tx, class_, 2)
    reserve(tx, class_)
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, class_)


def test_an_occurrence_without_places_sells_nothing(tx: psycopg.Connection) -> None:
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, schedule(tx, max_tickets=0))


def test_a_new_price_does_not_change_a_hold(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, ticket_price=50)
    held = reserve(tx, class_, 2)
    change(tx, "event_schedules", class_, ticket_price=80)
    assert pay(tx, held.reservation_id, amount=100).status == "confirmed"
    assert reserve(tx, class_).unit_price == 80


def test_a_lapsed_hold_that_was_swept_by_a_buyer_frees_it_all(tx: psycopg.Connection) -> None:
    """A buyer of one reclaims a hold of four; the other three are on sale at once."""
    class_ = schedule(tx)
    sell(tx, class_)
    lapse(tx, reserve(tx, class_, 4).reservation_id)
    reserve(tx, class_)
    assert counters(tx, class_) == (3, 1, 1)
