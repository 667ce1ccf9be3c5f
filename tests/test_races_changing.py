"""Occurrences that are changed at once meet whoever moves, books or sells one: nobody ends in a deadlock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import Connect, Refusal
from race_shop import Shop, assert_consistent

CHANGE = """
select * from public.change_schedules(
    %s, '{"ticket_price": 120}', p_include_sold => true, p_include_changed => true
)
"""
# the event is locked ahead of its occurrences
EVENT_FIRST = Fault(
    "ticketdb.lock_scope",
    r"v_ids := ticketdb",
    """
    perform from public.event_definitions as d where d.id = p_event_definition_id for no key update;
    perform from public.event_schedules as s where s.event_definition_id = p_event_definition_id for update;
    v_ids := ticketdb""",
)
# an occurrence is waited for with its buckets in hand
WAITING_WITH_BUCKETS = Fault("ticketdb.lock_scope", "for update nowait", "for update")
# the row is locked for less than the new start takes
IN_TWO_STEPS = Fault("public.move_schedule", "for update", "for no key update")
BUCKETS_BEFORE_TYPE = Fault("ticketdb.lock_moving_seats", "for share", "")

Race = Callable[[Shop, bool], list[Any]]


def change_while_one_is_moved(shop: Shop, is_faulty: bool) -> list[Any]:
    """Somebody has an occurrence, all are being changed, and he moves it."""
    space = shop.admin.ask("insert into public.spaces (name) values ('Hall') returning id").id
    shop.admin.ask("update public.event_definitions set space_id = %s", space)
    schedule = shop.schedule(5)
    mover, admin = shop.hurried(), shop.hurried()
    mover.begin()
    mover.ask("select from public.event_schedules where id = %s for update", schedule)
    admin.start(admin.ask, CHANGE, shop.event)
    # mended, it waits for nobody whom a lock would show, and gives back what it has
    assert not is_faulty or shop.waits(admin, on=mover)
    moved = mover.ask(
        "update public.event_schedules set end_time = '13:00' where id = %s returning id", schedule
    )
    mover.commit()
    return [moved, admin.finish()]


def change_while_one_is_booked(shop: Shop, is_faulty: bool) -> list[Any]:
    """Somebody refers to an occurrence, as a booking does, all are being changed, and he takes a seat."""
    schedule = shop.schedule(5)
    shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    buyer, admin = shop.hurried(), shop.hurried()
    buyer.begin()
    buyer.ask("select from public.event_schedules where id = %s for key share", schedule)
    admin.start(admin.ask, CHANGE, shop.event)
    assert not is_faulty or shop.waits(admin, on=buyer)
    held = buyer.reserve(schedule)
    buyer.commit()
    return [held, admin.finish()]


def move_one_while_it_is_sold(shop: Shop, _: bool) -> list[Any]:
    """Somebody refers to an occurrence, as a booking does, it is being moved, and he buys a ticket."""
    schedule = shop.schedule(5)
    reservation = shop.admin.reserve(schedule).reservation_id
    buyer, admin = shop.hurried(), shop.hurried()
    buyer.begin()
    buyer.ask("select from public.event_schedules where id = %s for key share", schedule)
    admin.start(
        admin.ask, "select * from public.move_schedule(%s, p_start_time => '12:00') as moved", schedule
    )
    assert shop.waits(admin, on=buyer)
    sold = buyer.confirm(reservation, "pay-1")
    buyer.commit()
    return [sold, admin.finish()]


def move_a_holder_while_his_type_changes(shop: Shop, _: bool) -> list[Any]:
    """Somebody has a ticket type, one of its tickets is being moved, and he gives it another limit."""
    here, there = shop.schedule(5), shop.schedule(5)
    vip = shop.ticket_type(3)
    reservation = shop.admin.reserve(here, ticket_type=vip).reservation_id
    shop.admin.confirm(reservation, "pay-1")
    holder, admin = shop.hurried(), shop.hurried()
    admin.begin()
    admin.ask("select from public.ticket_types where id = %s for no key update", vip)
    holder.start(holder.ask, "select * from public.move_reservation(%s, %s)", reservation, there)
    assert shop.waits(holder, on=admin)
    changed = admin.set_limit(vip, 2)
    admin.commit()
    return [changed, holder.finish()]


FAULTS: dict[Race, Fault] = {
    change_while_one_is_moved: EVENT_FIRST,
    change_while_one_is_booked: WAITING_WITH_BUCKETS,
    move_one_while_it_is_sold: IN_TWO_STEPS,
    move_a_holder_while_his_type_changes: BUCKETS_BEFORE_TYPE,
}


def check_done(shop: Shop, answers: list[Any]) -> None:
    assert [one for one in answers if one is None or isinstance(one, Refusal)] == []
    assert_consistent(shop)


@pytest.mark.parametrize("race", FAULTS)
def test_whoever_changes_occurrences_and_whoever_sells_them_are_both_done(
    connect: Connect, race: Race
) -> None:
    shop = Shop(connect)
    check_done(shop, race(shop, False))


@pytest.mark.parametrize("race", FAULTS)
def test_one_of_the_two_ends_in_a_deadlock_in_another_order(connect: Connect, race: Race) -> None:
    shop = Shop(connect)
    plant(shop, FAULTS[race])
    answers = race(shop, True)
    assert "40P01" in [one.sqlstate for one in answers if isinstance(one, Refusal)]
    with pytest.raises(AssertionError):
        check_done(shop, answers)
