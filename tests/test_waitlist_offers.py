"""Freed seats become offers, in order of arrival, whatever frees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from factories import (
    book,
    call,
    change,
    counters,
    define,
    expect_error,
    lapse,
    lapsed_hold,
    pay,
    reserve,
    row,
    schedule,
    sell,
    status,
    sweep,
    ticket_type,
    value,
)
from waitlists import end_transaction, free, join, passed_over, place, sold_out, statuses, told

pytestmark = pytest.mark.usefixtures("sound")
DAY = timedelta(days=1)


def offered(tx: psycopg.Connection, show: int, give_back: Callable[[], object]) -> bool:
    """Whether who waits for one seat has it once something is given back."""
    entry = join(tx, show)
    assert entry.status == "waiting"
    give_back()
    end_transaction(tx)
    assert passed_over(tx) == []
    return statuses(tx, entry) == ["offered"]


def test_a_released_hold_is_offered(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=1)
    held = reserve(tx, show).reservation_id
    assert offered(tx, show, lambda: call(tx, "release_reservation", held))


def test_a_cancelled_sale_is_offered(tx: psycopg.Connection) -> None:
    show, (sale,) = sold_out(tx, 1)
    assert offered(tx, show, lambda: call(tx, "cancel_reservation", sale))
    assert counters(tx, show) == (0, 1, 0)


def test_a_lapsed_hold_is_offered_when_it_is_swept(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=1)
    held = reserve(tx, show).reservation_id

    def sweep_it() -> None:
        lapse(tx, held)
        sweep(tx, show)

    assert offered(tx, show, sweep_it)


def test_a_higher_capacity_is_offered(tx: psycopg.Connection) -> None:
    show, _ = sold_out(tx)
    assert offered(tx, show, lambda: change(tx, "event_schedules", show, max_tickets=6))


def test_a_smaller_booking_gives_its_rest(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=2)
    booking = book(tx, show)
    assert offered(tx, show, lambda: change(tx, "bookings", booking, attendees=1))


def test_a_booking_that_moves_to_another_schedule_gives_its_seats(tx: psycopg.Connection) -> None:
    show, other = schedule(tx, max_tickets=2), schedule(tx)
    booking = book(tx, show)
    assert offered(tx, show, lambda: change(tx, "bookings", booking, event_schedule_id=other))


def test_a_deleted_reservation_gives_its_seats(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=1)
    held = reserve(tx, show).reservation_id
    assert offered(
        tx, show, lambda: tx.execute("delete from public.ticket_reservations where id = %s", (held,))
    )


def test_an_offer_that_is_deleted_is_passed_on(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=1)
    first = join(tx, show)
    second = join(tx, show)
    tx.execute("delete from public.ticket_reservations where id = %s", (first.reservation_id,))
    end_transaction(tx)
    assert statuses(tx, first, second) == ["left", "offered"]


def test_an_offer_is_an_ordinary_hold_with_its_own_time(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx, event_definition_id=define(tx, waitlist_offer_time="3 hours"))
    entry = join(tx, show)
    free(tx, sales[0])
    offer = place(tx, entry.entry_id)
    assert abs(offer.expires_at - datetime.now(UTC) - timedelta(hours=3)) < timedelta(minutes=1)
    assert told(tx) == [offer.reservation_id]
    held = row(tx, "select * from public.ticket_reservations where id = %s", offer.reservation_id)
    assert (held.origin, held.status, held.quantity) == ("waitlist", "held", 1)
    assert (held.user_id, held.total_amount) == (offer.user_id, 100)
    assert pay(tx, offer.reservation_id).status == "confirmed"
    assert statuses(tx, entry) == ["taken"]


def test_an_offer_stands_for_a_day_but_no_longer_than_the_sale(tx: psycopg.Connection) -> None:
    closes = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    long, short = sold_out(tx, 1), sold_out(tx, 1, sales_close_at=closes)
    first, second = join(tx, long[0]), join(tx, short[0])
    free(tx, long[1][0])
    free(tx, short[1][0])
    assert abs(place(tx, first.entry_id).expires_at - datetime.now(UTC) - DAY) < timedelta(minutes=1)
    assert place(tx, second.entry_id).expires_at == closes


def test_a_lapsed_offer_goes_to_the_next(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    first, second = join(tx, show), join(tx, show)
    free(tx, sales[0])
    lapse(tx, place(tx, first.entry_id).reservation_id)
    assert statuses(tx, first, second) == ["lapsed", "waiting"]
    sweep(tx, show)
    end_transaction(tx)
    assert statuses(tx, first, second) == ["lapsed", "offered"]


def test_a_lapsed_offer_that_is_paid_before_anybody_noticed_is_taken(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    first, second = join(tx, show), join(tx, show)
    free(tx, sales[0])
    offer = place(tx, first.entry_id).reservation_id
    lapse(tx, offer)
    assert pay(tx, offer).status == "confirmed"
    assert statuses(tx, first, second) == ["taken", "waiting"]


def test_a_lapsed_offer_that_is_paid_after_the_next_has_it_is_due_back(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    first, second = join(tx, show), join(tx, show)
    free(tx, sales[0])
    offer = place(tx, first.entry_id).reservation_id
    lapse(tx, offer)
    sweep(tx, show)
    end_transaction(tx)
    assert pay(tx, offer).status == "refund_due"
    assert statuses(tx, first, second) == ["lapsed", "offered"]


def test_a_party_is_offered_all_its_seats_or_none(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    party = join(tx, show, 3)
    free(tx, sales[0])
    free(tx, sales[1])
    assert statuses(tx, party) == ["waiting"]
    assert counters(tx, show)[0] == 2
    free(tx, sales[2])
    assert statuses(tx, party) == ["offered"]
    assert counters(tx, show) == (0, 3, 2)


def test_a_smaller_party_passes_one_that_does_not_fit(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    party, single, late = join(tx, show, 2), join(tx, show), join(tx, show, 2)
    free(tx, sales[0])
    assert statuses(tx, party, single, late) == ["waiting", "offered", "waiting"]
    call(tx, "cancel_reservation", sales[1])
    free(tx, sales[2])
    assert statuses(tx, party, single, late) == ["offered", "offered", "waiting"]


def test_one_transaction_that_frees_many_seats_serves_many(tx: psycopg.Connection) -> None:
    show, _ = sold_out(tx)
    entries = [join(tx, show, quantity) for quantity in (2, 4, 1, 2)]
    change(tx, "event_schedules", show, max_tickets=10)
    end_transaction(tx)
    assert statuses(tx, *entries) == ["offered", "waiting", "offered", "offered"]
    assert passed_over(tx) == []


def test_scattered_seats_are_brought_together_for_a_party(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx, 64)
    party = join(tx, show, 40)
    for sale in sales[::3] + sales[1::3]:
        call(tx, "cancel_reservation", sale)
    end_transaction(tx)
    assert statuses(tx, party) == ["offered"]


def test_what_a_transaction_gives_up_and_takes_again_it_keeps(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=3)
    booking = book(tx, show)
    reserve(tx, show)
    entry = join(tx, show)
    change(tx, "bookings", booking, status="paid", attendees=1)
    change(tx, "bookings", booking, attendees=2)
    end_transaction(tx)
    assert statuses(tx, entry) == ["waiting"]
    assert counters(tx, show) == (0, 1, 2)


def test_lapsed_seats_go_to_those_who_wait_before_a_newcomer(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=3)
    lapsed = lapsed_hold(tx, show, 3)
    # not swept when she joined
    change(tx, "ticket_reservations", lapsed, expires_at=datetime.now(UTC) + DAY)
    entry = join(tx, show, 2)
    lapse(tx, lapsed)
    assert counters(tx, show)[0] == 1
    with expect_error(tx, "PT409", "sold_out", available=1):
        reserve(tx, show, 2)
    assert statuses(tx, entry) == ["waiting"]
    reserve(tx, show, 1)
    assert (statuses(tx, entry), status(tx, lapsed)) == (["offered"], "expired")


def test_newcomers_find_nothing_while_lapsed_seats_are_waited_for(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=1)
    held = reserve(tx, show).reservation_id
    join(tx, show)
    lapse(tx, held)
    assert counters(tx, show) == (0, 0, 0)
    with expect_error(tx, "PT409", "sold_out", available=0):
        reserve(tx, show)


def test_a_buyer_of_a_ticket_type_comes_after_those_who_wait(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=4)
    vip = ticket_type(tx, show, max_quantity=2)
    plain, of_type = reserve(tx, show, 2).reservation_id, reserve(tx, show, 2, ticket_type_id=vip)
    entry = join(tx, show, 2)
    lapse(tx, plain)
    lapse(tx, of_type.reservation_id)
    reserve(tx, show, 2, ticket_type_id=vip)
    assert statuses(tx, entry) == ["offered"]
    assert counters(tx, show) == (0, 4, 0)


def test_what_nobody_who_waits_fits_into_is_for_newcomers(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    join(tx, show, 2)
    free(tx, sales[0])
    assert counters(tx, show)[0] == 1
    sell(tx, show)
    assert counters(tx, show)[0] == 0


def test_seats_are_not_offered_at_a_price_that_no_amount_can_be(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    entry, single = join(tx, show, 2), join(tx, show)
    change(tx, "event_schedules", show, ticket_price="99999999")
    call(tx, "cancel_reservation", sales[0])
    free(tx, sales[1])
    assert statuses(tx, entry, single) == ["waiting", "offered"]


def test_verification_finds_an_offer_without_its_hold(tx: psycopg.Connection) -> None:
    entry = join(tx, schedule(tx))
    tx.execute("alter table public.ticket_reservations disable trigger follow_offer")
    call(tx, "release_reservation", entry.reservation_id)
    problem = value(tx, "select problem from public.verify_inventory()")
    assert problem == f"tickets offered to waiting list {entry.entry_id}"
    tx.rollback()
