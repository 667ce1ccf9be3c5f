"""Two buyers and the last seat, and lapsed holds that somebody else is just sweeping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import NO_GUARD, Fault, plant
from race_helpers import SOLD_OUT, Client, Connect
from race_shop import Shop, assert_consistent


@dataclass
class LastSeat:
    """What became of two buyers of one seat."""

    shop: Shop
    schedule: int
    waited: bool
    first: Any
    second: Any


def race_for_the_last_seat(shop: Shop, end: str) -> LastSeat:
    """The first has the seat, uncommitted; the second asks for it; then the first commits or rolls back."""
    schedule = shop.schedule(capacity=1)
    # its buckets are there: this race is about the seat
    shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    first, second = shop.clients(2)
    first.begin()
    answer = first.reserve(schedule)
    second.start(second.reserve, schedule)
    waited = shop.waits(second, on=first)
    first.ask(end)
    return LastSeat(shop, schedule, waited, answer, second.finish())


def check_one_of_two_has_it(race: LastSeat) -> None:
    assert race.waited
    assert race.first.status == "held"
    assert race.second == SOLD_OUT
    assert race.shop.seats(race.schedule) == 1
    assert_consistent(race.shop)


def test_second_buyer_of_the_last_seat_waits_and_is_refused(connect: Connect) -> None:
    check_one_of_two_has_it(race_for_the_last_seat(Shop(connect), "commit"))


def test_second_buyer_gets_the_seat_when_the_first_rolls_back(connect: Connect) -> None:
    race = race_for_the_last_seat(Shop(connect), "rollback")
    assert race.waited
    assert race.second.status == "held"
    assert race.shop.seats(race.schedule) == 1
    assert_consistent(race.shop)


def test_last_seat_is_sold_twice_without_the_guard(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, *NO_GUARD)
    race = race_for_the_last_seat(shop, "commit")
    with pytest.raises(AssertionError):
        check_one_of_two_has_it(race)
    assert shop.seats(race.schedule) == 2


@dataclass
class SweptSeat:
    """What became of a buyer whose seat somebody else was sweeping."""

    shop: Shop
    waited: bool
    buyer: Any


def buy_while_a_sweep_has_the_hold(shop: Shop, *, end: str) -> SweptSeat:
    """The only seat is in a lapsed hold that a sweep has taken back, and not yet committed."""
    schedule = shop.schedule(capacity=1)
    shop.lapsed_hold(schedule)
    sweep, buyer = shop.clients(2)
    sweep.begin()
    assert sweep.ask("select ticketdb.reclaim_lapsed_holds(%s) as holds", schedule).holds == 1
    buyer.start(buyer.reserve, schedule)
    waited = shop.waits(buyer, on=sweep)
    sweep.ask(end)
    return SweptSeat(shop, waited, buyer.finish())


def check_buyer_waited_and_has_it(race: SweptSeat) -> None:
    assert race.waited
    assert race.buyer != SOLD_OUT
    assert race.buyer.status == "held"
    assert_consistent(race.shop)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_buyer_waits_for_a_sweep_and_gets_the_lapsed_seat(connect: Connect, end: str) -> None:
    check_buyer_waited_and_has_it(buy_while_a_sweep_has_the_hold(Shop(connect), end=end))


def test_buyer_is_wrongly_refused_when_he_does_not_wait_for_the_sweep(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, Fault("ticketdb.lock_buckets", "for no key update", ""))
    race = buy_while_a_sweep_has_the_hold(shop, end="commit")
    with pytest.raises(AssertionError):
        check_buyer_waited_and_has_it(race)


def lock_the_only_seat(shop: Shop) -> tuple[int, Client]:
    """The only seat is in a lapsed hold that somebody has locked, as one who is just paying for it does."""
    schedule, payer = shop.schedule(capacity=1), shop.client()
    hold = shop.lapsed_hold(schedule)
    payer.begin()
    payer.ask("select from public.ticket_reservations as r where r.id = %s for update", hold)
    return schedule, payer


def test_buyer_gets_a_lapsed_seat_whose_payment_fails_a_moment_later(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, payer = lock_the_only_seat(shop)
    buyer = shop.client()
    buyer.start(buyer.reserve, schedule)
    shop.admin.ask("select pg_sleep(0.05)")
    payer.rollback()
    assert buyer.finish().status == "held"
    assert_consistent(shop)


def test_buyer_does_not_wait_forever_for_a_lapsed_seat_that_is_being_paid(connect: Connect) -> None:
    """The payer may be waiting for the buyer's own transaction: to wait for him could end in a deadlock."""
    shop = Shop(connect)
    schedule, payer = lock_the_only_seat(shop)
    assert shop.client().reserve(schedule) == SOLD_OUT
    payer.rollback()
    assert shop.client().reserve(schedule).status == "held"
    assert_consistent(shop)


def test_hold_that_lapses_while_it_waits_for_the_last_seat_is_refused(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(capacity=1)
    first, second = shop.clients(2)
    first.begin()
    first.confirm(first.reserve(schedule).reservation_id, "pay-1")
    second.start(second.reserve, schedule, hold_for="1 millisecond")
    assert shop.waits(second, on=first)
    shop.admin.ask("select pg_sleep(0.01)")
    first.commit()
    assert second.finish() == SOLD_OUT
    assert_consistent(shop)


def test_buyer_overtaken_at_the_free_seat_still_gets_the_one_being_swept(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(capacity=2)
    shop.lapsed_hold(schedule)
    faster, slower, sweep = shop.clients(3)
    faster.begin()
    faster.reserve(schedule)
    slower.start(slower.reserve, schedule)
    assert shop.waits(slower, on=faster)
    sweep.start(sweep.ask, "select ticketdb.reclaim_lapsed_holds(%s)", schedule)
    assert shop.waits(sweep, on=faster)
    faster.commit()
    sweep.finish()
    assert slower.finish() != SOLD_OUT
    assert_consistent(shop)
