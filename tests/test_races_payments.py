"""Payments against holds that lapse, and against themselves."""

from __future__ import annotations

from typing import Any

import pytest
from race_faults import NO_GUARD, NO_ROW_LOCKS, Fault, plant
from race_helpers import REFERENCE_REUSED, SOLD_OUT, Client, Connect
from race_meeting import Meeting, confirm, meet, reserve
from race_shop import Shop, assert_consistent


def check_payment_came_before_the_buyer(race: Meeting) -> None:
    assert race.waited
    assert race.first.status == "confirmed"
    assert race.second == SOLD_OUT
    assert race.shop.status(race.reservation) == "confirmed"
    assert_consistent(race.shop)


def test_payment_of_a_lapsed_hold_keeps_the_seat_from_a_waiting_buyer(connect: Connect) -> None:
    check_payment_came_before_the_buyer(meet(Shop(connect), confirm, reserve, lapsed=True))


def test_paid_seat_is_lost_without_row_locks(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS)
    race = meet(shop, confirm, reserve, lapsed=True)
    with pytest.raises(AssertionError):
        check_payment_came_before_the_buyer(race)


def check_refund_is_due(race: Meeting) -> None:
    assert race.waited
    assert race.first.status == "held"
    assert (race.second.status, race.second.refund_due, race.second.ticket_codes) == ("refund_due", 100, [])
    assert race.shop.payments(race.reservation) == [("pay-1", 100)]
    assert_consistent(race.shop)


def test_payment_after_the_buyer_took_the_seat_is_on_record_and_due_back(connect: Connect) -> None:
    check_refund_is_due(meet(Shop(connect), reserve, confirm, lapsed=True))


def test_seat_is_sold_twice_when_the_payment_believes_in_its_hold(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        *NO_GUARD,
        Fault("ticketdb.sell_seats", r"case when r\.status = 'held' then r\.bucket end", "r.bucket"),
    )
    race = meet(shop, reserve, confirm, lapsed=True)
    with pytest.raises(AssertionError):
        check_refund_is_due(race)


def test_payment_after_the_sweep_takes_a_seat_that_is_free_again(connect: Connect) -> None:
    def reclaim(client: Client, schedule: int, _: int) -> Any:
        return client.ask("select ticketdb.reclaim_lapsed_holds(%s) as holds", schedule)

    race = meet(Shop(connect), reclaim, confirm, lapsed=True)
    assert race.waited
    assert race.first.holds == 1
    assert (race.second.status, race.second.refund_due, race.second.tickets_sold) == ("confirmed", 0, 1)
    assert_consistent(race.shop)


def check_one_payment_two_equal_answers(race: Meeting) -> None:
    assert race.waited
    assert race.second == race.first
    assert race.first.status == "confirmed"
    assert race.shop.payments(race.reservation) == [("pay-1", 0)]
    assert_consistent(race.shop)


def test_notice_of_one_payment_sent_twice_at_once_is_one_payment(connect: Connect) -> None:
    check_one_payment_two_equal_answers(meet(Shop(connect), confirm, confirm))


def test_notice_sent_twice_is_answered_differently_without_row_locks(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS)
    race = meet(shop, confirm, confirm)
    with pytest.raises(AssertionError):
        check_one_payment_two_equal_answers(race)


def pay_two_with_one_reference(shop: Shop) -> Meeting:
    other = shop.admin.reserve(shop.schedule(1)).reservation_id

    def confirm_other(client: Client, _: int, __: int) -> Any:
        return client.confirm(other, "pay-1")

    return meet(shop, confirm, confirm_other)


def check_reference_stands_for_one_payment(race: Meeting) -> None:
    assert race.waited
    assert race.first.status == "confirmed"
    assert race.second == REFERENCE_REUSED
    assert_consistent(race.shop)


def test_payment_reference_used_for_two_reservations_at_once_pays_one(connect: Connect) -> None:
    check_reference_stands_for_one_payment(pay_two_with_one_reference(Shop(connect)))


def test_one_payment_pays_two_reservations_without_the_constraint(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        "alter table public.ticket_payments drop constraint payment_reference_unique",
        Fault(
            "ticketdb.confirm_payment", "on conflict on constraint payment_reference_unique do nothing", ""
        ),
    )
    race = pay_two_with_one_reference(shop)
    with pytest.raises(AssertionError):
        check_reference_stands_for_one_payment(race)
