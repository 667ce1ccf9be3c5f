"""Cancelling and releasing against payments, and against itself."""

from __future__ import annotations

import pytest
from race_faults import NO_ROW_LOCKS, Fault, plant
from race_helpers import ALREADY_CONFIRMED, Connect
from race_meeting import Action, Meeting, cancel, confirm, meet, release
from race_shop import Shop, assert_consistent


def check_cancelled_after_payment(race: Meeting) -> None:
    assert race.waited
    assert race.first.status == "confirmed"
    assert (race.second.status, race.second.refund_due) == ("cancelled", 100)
    assert race.shop.payments(race.reservation) == [("pay-1", 100)]
    assert_consistent(race.shop)


def test_cancellation_behind_a_payment_makes_the_refund_due(connect: Connect) -> None:
    check_cancelled_after_payment(meet(Shop(connect), confirm, cancel))


# what a reservation was before somebody who is waited for changed it
OLD_LOOK = Fault(
    "ticketdb.undo_sales",
    r"case\s+when r\.status <> 'held'",
    "case when (select o.status from public.ticket_reservations as o where o.id = r.id) <> 'held'",
)


def test_payment_is_lost_in_a_cancellation_that_goes_by_an_old_look(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS, OLD_LOOK)
    race = meet(shop, confirm, cancel)
    with pytest.raises(AssertionError):
        check_cancelled_after_payment(race)


def check_release_is_refused(race: Meeting) -> None:
    assert race.waited
    assert race.first.status == "confirmed"
    assert race.second == ALREADY_CONFIRMED
    assert race.shop.status(race.reservation) == "confirmed"
    assert_consistent(race.shop)


def test_release_behind_a_payment_is_refused(connect: Connect) -> None:
    check_release_is_refused(meet(Shop(connect), confirm, release))


def test_release_is_believed_done_without_row_locks(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS)
    race = meet(shop, confirm, release)
    with pytest.raises(AssertionError):
        check_release_is_refused(race)


@pytest.mark.parametrize(("give_up", "answer"), [(cancel, "released"), (release, "released")])
def test_payment_behind_a_hold_given_up_takes_the_seat_again(
    connect: Connect, give_up: Action, answer: str
) -> None:
    race = meet(Shop(connect), give_up, confirm)
    assert race.waited
    assert race.first.status == answer
    assert (race.second.status, race.second.refund_due) == ("confirmed", 0)
    assert_consistent(race.shop)


def cancel_twice_at_once(shop: Shop) -> Meeting:
    """Both cancel a reservation that is paid."""
    schedule = shop.schedule(1)
    reservation = shop.admin.reserve(schedule).reservation_id
    shop.admin.confirm(reservation, "pay-1")
    first, second = shop.clients(2)
    first.begin()
    answer = first.cancel(reservation)
    second.start(second.cancel, reservation)
    waited = shop.waits(second, on=first)
    first.commit()
    return Meeting(shop, reservation, waited, answer, second.finish())


def check_refund_is_noted_once(race: Meeting) -> None:
    assert race.waited
    assert race.first == race.second
    assert (race.first.status, race.first.refund_due) == ("cancelled", 100)
    assert race.shop.payments(race.reservation) == [("pay-1", 100)]
    # so is what reports are made of, and who did it
    ask = race.shop.admin.ask
    assert ask("select array_agg(m.amount) as amounts from ticketdb.refund_movements as m").amounts == [100]
    logged = ask(
        """
        select array_agg(l.table_name order by l.id) as tables from public.ticket_audit_log as l
        where l.table_name in ('ticket_reservations', 'ticket_payments')
        """
    )
    assert logged.tables == ["ticket_reservations", "ticket_payments"]
    assert_consistent(race.shop)


def test_reservation_cancelled_twice_at_once_is_refunded_once(connect: Connect) -> None:
    check_refund_is_noted_once(cancel_twice_at_once(Shop(connect)))


def test_refund_is_noted_twice_when_cancelling_adds_without_row_locks(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        NO_ROW_LOCKS,
        "alter table public.ticket_payments drop constraint refund_within_payment",
        Fault("ticketdb.undo_sales", "set refund_due = p.amount", "set refund_due = p.refund_due + p.amount"),
        Fault("ticketdb.undo_sales", "and p.refund_due <> p.amount - p.refunded", ""),
    )
    race = cancel_twice_at_once(shop)
    with pytest.raises(AssertionError):
        check_refund_is_noted_once(race)
