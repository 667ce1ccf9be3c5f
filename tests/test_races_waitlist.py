"""Two at once around a waiting list: nobody is passed over, and no seat is offered twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent
from waitlists import passed_over

# frees its seats without looking who waits first, so that at the end not all buckets are locked
NO_WATCH = (
    Fault("ticketdb.count_seats", "if v_move.is_first_of_freed then", "if false then"),
    Fault("ticketdb.offer_seats", r"v_patience := v_patience - 1;", "exit;"),
)
# joins without waiting for those who are just freeing seats, or changing the capacity
NO_LOCKS = (Fault("ticketdb.enter_waitlist", r"perform ticketdb\.expire_lapsed_holds\([^;]*;", ""),)
NEWCOMERS_FIRST = (
    Fault("ticketdb.gather_seats", r"perform ticketdb\.offer_seats\(p_schedule_id\);", ""),
    Fault(
        "ticketdb.look_for_seats",
        r"ticketdb\.seats_past_waitlist\(p_schedule_id, v_left, v_lapsed\)",
        "v_left + v_lapsed",
    ),
)


def join(client: Client, schedule: int, quantity: int = 1) -> Any:
    return client.ask(
        'select * from public.join_waitlist(%s, %s, null, \'{"name": "Asha"}\')', schedule, quantity
    )


def place(shop: Shop, entry: Any) -> Any:
    return shop.admin.ask("select * from public.v_waitlist where entry_id = %s", entry.entry_id)


@dataclass
class Meeting:
    """What became of two clients of whom one acted while the other had not committed."""

    shop: Shop
    waited: bool
    first: Any
    second: Any


def meet(shop: Shop, first_does: Callable[[Client], Any], second_does: Callable[[Client], Any]) -> Meeting:
    """The first has done all but commit, its offers too; the second acts; then the first commits."""
    first, second = shop.clients(2)
    first.begin()
    answer = first_does(first)
    first.ask("set constraints all immediate")
    second.start(second_does, second)
    waited = shop.waits(second, on=first)
    first.commit()
    return Meeting(shop, waited, answer, second.finish())


def full(shop: Shop) -> tuple[int, list[int]]:
    """An occurrence of 64 seats in four buckets, all held, those of one bucket after those of another."""
    schedule = shop.schedule(64)
    return schedule, [shop.admin.reserve(schedule).reservation_id for _ in range(64)]


def check_served(meeting: Meeting) -> None:
    for answer in (meeting.first, meeting.second):
        assert not isinstance(answer, Refusal)
    assert passed_over(meeting.shop.admin.connection) == []
    assert_consistent(meeting.shop)


def join_while_somebody_releases(shop: Shop) -> Meeting:
    schedule, holds = full(shop)
    return meet(shop, lambda one: one.release(holds[40]), lambda other: join(other, schedule))


def release_while_somebody_joins(shop: Shop) -> Meeting:
    schedule, holds = full(shop)
    return meet(shop, lambda one: join(one, schedule), lambda other: other.release(holds[40]))


def join_while_the_capacity_rises(shop: Shop) -> Meeting:
    schedule, _ = full(shop)
    return meet(shop, lambda one: one.set_capacity(schedule, 65), lambda other: join(other, schedule))


def capacity_rises_while_somebody_joins(shop: Shop) -> Meeting:
    schedule, _ = full(shop)
    return meet(shop, lambda one: join(one, schedule), lambda other: other.set_capacity(schedule, 65))


def two_release_for_a_party(shop: Shop) -> Meeting:
    """Somebody waits for two seats; one each is given up in two buckets, neither seen by the other."""
    schedule, holds = full(shop)
    join(shop.admin, schedule, 2)
    first, second = shop.clients(2)
    first.begin()
    answer = first.release(holds[0])
    second.begin()
    second.start(second.release, holds[-1])
    waited = shop.waits(second, on=first)
    if waited:
        first.commit()
    answers = answer, second.finish()
    for client in (first, second):
        client.ask("set constraints all immediate")
    for client in (first, second):
        client.commit()
    return Meeting(shop, waited, *answers)


MEETINGS: list[tuple[Callable[[Shop], Meeting], tuple[Fault, ...]]] = [
    (join_while_somebody_releases, NO_LOCKS),
    (release_while_somebody_joins, NO_LOCKS),
    (join_while_the_capacity_rises, NO_LOCKS),
    (capacity_rises_while_somebody_joins, NO_LOCKS),
    (two_release_for_a_party, NO_WATCH),
]


@pytest.mark.parametrize("race", [race for race, _ in MEETINGS])
def test_who_waits_is_served_whoever_comes_first(connect: Connect, race: Callable[[Shop], Meeting]) -> None:
    meeting = race(Shop(connect))
    assert meeting.waited
    check_served(meeting)


@pytest.mark.parametrize(("race", "faults"), MEETINGS)
def test_who_waits_is_passed_over_without_the_locks(
    connect: Connect, race: Callable[[Shop], Meeting], faults: tuple[Fault, ...]
) -> None:
    shop = Shop(connect)
    plant(shop, *faults)
    with pytest.raises(AssertionError):
        check_served(race(shop))


def newcomers_and_lapsed_seats(shop: Shop, *, together: bool = True) -> tuple[Any, list[Any]]:
    """Two seats in a lapsed hold, one wanted by somebody who waits; newcomers want both of them, and one."""
    schedule = shop.schedule(2)
    hold = shop.admin.reserve(schedule, 2).reservation_id
    entry = join(shop.admin, schedule)
    shop.lapse(hold)
    one, other = shop.clients(2)
    orders = [lambda: one.reserve(schedule, 2), lambda: other.reserve(schedule)]
    return entry, crowd(orders) if together else [order() for order in orders]


def check_newcomers(shop: Shop, entry: Any, answers: list[Any]) -> None:
    assert place(shop, entry).status == "offered"
    assert answers[0] == SOLD_OUT
    assert not isinstance(answers[1], Refusal)
    assert_consistent(shop)


def test_newcomers_get_what_those_who_wait_leave(connect: Connect) -> None:
    shop = Shop(connect)
    check_newcomers(shop, *newcomers_and_lapsed_seats(shop))


def test_newcomers_come_first_unless_seats_are_offered_before(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, *NEWCOMERS_FIRST)
    entry, answers = newcomers_and_lapsed_seats(shop, together=False)
    with pytest.raises(AssertionError):
        check_newcomers(shop, entry, answers)


def test_a_place_that_is_left_while_it_is_offered_gives_the_seat_on(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(1)
    sale = shop.admin.reserve(schedule).reservation_id
    first, second = join(shop.admin, schedule), join(shop.admin, schedule)
    giver, leaver = shop.clients(2)
    giver.begin()
    giver.release(sale)
    giver.ask("set constraints all immediate")
    leaver.start(leaver.ask, "select * from public.leave_waitlist(%s)", first.entry_id)
    assert shop.waits(leaver, on=giver)
    giver.commit()
    assert leaver.finish().status == "left"
    assert (place(shop, first).status, place(shop, second).status) == ("left", "offered")
    assert_consistent(shop)


@pytest.mark.parametrize("limit", [None, 1])
def test_one_user_who_joins_many_times_at_once_has_one_place(connect: Connect, limit: int | None) -> None:
    shop = Shop(connect)
    shop.admin.ask("update public.event_definitions set limit_per_user = %s", limit)
    schedule = shop.schedule(1)
    shop.admin.reserve(schedule)
    user = shop.admin.ask("insert into public.users (username) values ('asha') returning id").id
    answers = crowd(
        [
            lambda client=client: client.ask("select * from public.join_waitlist(%s, 1, %s)", schedule, user)
            for client in shop.clients(8)
        ]
    )
    assert {(answer.status, answer.position) for answer in answers} == {("waiting", 1)}
    assert len({answer.entry_id for answer in answers}) == 1
