"""Transactions on one occurrence take their locks in one order: whatever meets, none ends as a deadlock."""

from __future__ import annotations

import pytest
from race_helpers import Connect
from race_shop import Shop, check_no_deadlock


def test_sale_in_one_transaction_meets_a_payment(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(10)
    other = shop.admin.reserve(schedule).reservation_id
    counter, payment = shop.hurried(), shop.hurried()
    counter.begin()
    mine = counter.reserve(schedule).reservation_id
    payment.start(payment.confirm, other, "pay-1")
    shop.waits(payment, on=counter)
    answer = counter.confirm(mine, "pay-2")
    counter.ask("commit")
    check_no_deadlock(shop, answer, payment.finish())


def test_booking_made_and_paid_in_one_transaction_meets_a_payment(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(10)
    other = shop.admin.reserve(schedule).reservation_id
    application, payment = shop.hurried(), shop.hurried()
    application.begin()
    booking = application.book(schedule, "B-1").id
    payment.start(payment.confirm, other, "pay-1")
    shop.waits(payment, on=application)
    answer = application.set_booking(booking, "paid")
    application.ask("commit")
    check_no_deadlock(shop, answer, payment.finish())


def test_booking_paid_for_more_people_meets_a_payment(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(10)
    other, third = (shop.admin.reserve(schedule).reservation_id for _ in range(2))
    booking = shop.admin.book(schedule, "B-1").id
    application, payment, gate = shop.hurried(), shop.hurried(), shop.client()
    # the gate stops the booking where it puts its payment on record
    gate.begin()
    gate.ask(
        "insert into public.ticket_payments (reservation_id, payment_reference, amount) values (%s, %s, 1)",
        third, "booking B-1",
    )  # fmt: skip
    application.start(application.set_booking, booking, "paid", 2)
    assert shop.waits(application, on=gate)
    payment.start(payment.confirm, other, "pay-1")
    shop.waits(payment, on=application)
    gate.rollback()
    check_no_deadlock(shop, application.finish(), payment.finish())


def test_second_order_of_a_transaction_needs_a_lapsed_hold_that_is_being_paid(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(2)
    hold = shop.lapsed_hold(schedule)
    buyer, payment = shop.hurried(), shop.hurried()
    buyer.begin()
    buyer.reserve(schedule)
    payment.start(payment.confirm, hold, "pay-1")
    shop.waits(payment, on=buyer)
    answer = buyer.reserve(schedule)
    buyer.ask("commit")
    check_no_deadlock(shop, answer, payment.finish())


@pytest.mark.parametrize("status", ["pending", "paid"])
def test_lapsed_booking_that_grows_needs_a_lapsed_hold_that_is_being_paid(
    connect: Connect, status: str
) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(2)
    hold = shop.lapsed_hold(schedule)
    booking = shop.admin.book(schedule, "B-1").id
    shop.admin.ask("update public.ticket_reservations set expires_at = clock_timestamp()")
    application, payment, gate = shop.hurried(), shop.hurried(), shop.client()
    # the gate stops the payment behind its reservation and in front of the occurrence
    gate.begin()
    gate.ask("select from public.event_schedules as s where s.id = %s for no key update", schedule)
    payment.start(payment.confirm, hold, "pay-1")
    assert shop.waits(payment, on=gate)
    application.start(application.set_booking, booking, status, 2)
    shop.waits(application, on=payment)
    gate.commit()
    check_no_deadlock(shop, application.finish(), payment.finish())


def test_limit_is_lowered_between_two_sales_of_its_type(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, vip = shop.schedule(10), shop.ticket_type(5)
    shop.lapse(shop.admin.reserve(schedule, ticket_type=vip).reservation_id)
    before, manager, after = shop.hurried(), shop.hurried(), shop.hurried()
    before.begin()
    before.reserve(schedule, ticket_type=vip)
    # the limit would fit what is committed, but not what is sold before its turn comes
    manager.start(manager.set_limit, vip, 1)
    assert shop.waits(manager, on=before)
    after.start(after.reserve, schedule, ticket_type=vip)
    assert shop.waits(after, on=before)
    before.commit()
    check_no_deadlock(shop, manager.finish(), after.finish())
