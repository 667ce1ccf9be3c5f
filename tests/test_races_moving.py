"""Holders who move between occurrences meet each other, and occurrences that are changed meet buyers."""

from __future__ import annotations

from typing import Any

import pytest
from race_faults import NO_GUARD, Fault, plant
from race_helpers import SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent

# each locks where it is before where it goes, and takes its time
OWN_PLACE_FIRST = (
    Fault(
        "ticketdb.lock_moving_seats",
        r"union\s+select p_schedule_id\s+order by 1",
        "union all select p_schedule_id",
    ),
    Fault("ticketdb.lock_moving_seats", r"lock_buckets\(m\.schedule_id\)", r"\g<0>, pg_sleep(0.3)"),
)
# everybody looks for a seat, waits a little, and only then takes it
LOOK_THEN_MOVE = (
    *NO_GUARD,
    Fault("ticketdb.lock_moving_seats", r"begin\s", "begin return; "),
    Fault("ticketdb.count_seats", r"begin\s+-- one", "begin perform pg_sleep(0.3); -- one"),
)
NO_BUCKET_LOCKS = Fault("ticketdb.lock_scope", r"perform ticketdb\.lock_buckets\(n\.id\)", "perform n.id")


def sold(shop: Shop, schedule: int) -> int:
    reservation: int = shop.admin.reserve(schedule).reservation_id
    assert shop.admin.confirm(reservation, f"pay-{reservation}").status == "confirmed"
    return reservation


def move(client: Client, reservation: int, schedule: int) -> Any:
    return client.ask("select * from public.move_reservation(%s, %s)", reservation, schedule)


def cross(shop: Shop) -> list[Any]:
    """Eight holders change places between two occurrences, both ways at once, four times over."""
    here, there = shop.schedule(40), shop.schedule(40)
    ways = [(sold(shop, here), there, here) for _ in range(4)] + [
        (sold(shop, there), here, there) for _ in range(4)
    ]

    def go(client: Client, reservation: int, *places: int) -> list[Any]:
        return [move(client, reservation, place) for place in places * 2]

    clients = [shop.hurried() for _ in ways]
    answers = crowd([lambda c=c, w=w: go(c, *w) for c, w in zip(clients, ways, strict=True)])
    return [one for some in answers for one in some]


def check_crossed(shop: Shop, answers: list[Any]) -> None:
    assert [one for one in answers if isinstance(one, Refusal)] == []
    assert_consistent(shop)


def test_holders_who_change_places_do_not_block_each_other(connect: Connect) -> None:
    shop = Shop(connect)
    check_crossed(shop, cross(shop))


def test_holders_who_change_places_end_in_a_deadlock_without_an_order(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, *OWN_PLACE_FIRST)
    with pytest.raises(AssertionError):
        check_crossed(shop, cross(shop))


def crowd_into(shop: Shop) -> tuple[int, list[Any]]:
    """Eight holders, and eight buyers, want the last three seats of another occurrence."""
    here, there = shop.schedule(20), shop.schedule(3)
    holders = [sold(shop, here) for _ in range(8)]
    clients = shop.clients(16)
    actions = [lambda c=c, r=r: move(c, r, there) for c, r in zip(clients[:8], holders, strict=True)]
    return there, crowd([*actions, *[lambda c=c: c.reserve(there) for c in clients[8:]]])


def check_crowd(shop: Shop, there: int, answers: list[Any]) -> None:
    assert {one for one in answers if isinstance(one, Refusal)} == {SOLD_OUT}
    assert sum(not isinstance(one, Refusal) for one in answers) == 3
    assert shop.seats(there) == 3
    assert_consistent(shop)


def test_no_more_move_in_than_there_are_seats(connect: Connect) -> None:
    shop = Shop(connect)
    check_crowd(shop, *crowd_into(shop))


def test_too_many_move_in_without_the_guard(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, *LOOK_THEN_MOVE)
    result = crowd_into(shop)
    with pytest.raises(AssertionError):
        check_crowd(shop, *result)


def change_behind_a_hold(shop: Shop) -> tuple[int, Any]:
    schedule = shop.schedule(20)
    shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    buyer, admin = shop.clients(2)
    buyer.begin()
    assert buyer.reserve(schedule).quantity == 1
    admin.start(
        admin.ask,
        """
        select * from public.change_schedules(%s, '{"start_time": "15:00"}', p_include_changed => true)
        """,
        shop.event,
    )
    shop.waits(admin, on=buyer)
    buyer.commit()
    return schedule, admin.finish()


def check_kept(shop: Shop, schedule: int, answer: Any) -> None:
    assert (answer.action, answer.reason) == ("keep", "held")
    start = shop.admin.ask("select start_time::text from public.event_schedules where id = %s", schedule)
    assert start == ("10:00:00",)


def test_occurrence_that_is_just_being_held_is_not_changed(connect: Connect) -> None:
    shop = Shop(connect)
    check_kept(shop, *change_behind_a_hold(shop))


def test_occurrence_that_is_just_being_held_is_changed_without_bucket_locks(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_BUCKET_LOCKS)
    result = change_behind_a_hold(shop)
    with pytest.raises(AssertionError):
        check_kept(shop, *result)
