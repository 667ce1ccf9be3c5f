"""Passes for the same days at once: one order for one key, and nobody waits in a circle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent, check_no_deadlock


def order(
    client: Client, shop: Shop, first: int, last: int, *, key: str | None = None, buyer: int | None = None
) -> Any:
    """A pass from one occurrence to another: its reservations, and their occurrences."""
    return client.ask(
        """
        select array_agg(r.reservation_id) as ids, array_agg(r.schedule_id) as schedules
        from (
            select min(s.schedule_date) as first, max(s.schedule_date) as last
            from public.event_schedules as s
            where s.id in (%s, %s)
        ) as p
        cross join lateral public.reserve_series(
            p_event_definition_id => %s, p_start_date => p.first, p_end_date => p.last,
            p_user_id => %s, p_idempotency_key => %s
        ) as r
        """,
        first, last, shop.event, buyer, key,
    )  # fmt: skip


def days(shop: Shop, capacity: int, number: int = 3) -> list[int]:
    """Occurrences on days in a row; their buckets are there already."""
    schedules = [shop.schedule(capacity) for _ in range(number)]
    for one in schedules:
        shop.admin.release(shop.admin.reserve(one).reservation_id)
    return schedules


# -- one key


@dataclass
class Repeats:
    """The answers to one order of a series, the first given before the others."""

    shop: Shop
    days: list[int]
    answers: list[Any]


def repeat_a_series(shop: Shop, *, capacity: int) -> Repeats:
    schedules = days(shop, capacity)
    first, *others = shop.clients(16)
    first.begin()
    answers = [order(first, shop, schedules[0], schedules[-1], key="pass-1")]
    for other in others:
        other.start(order, other, shop, schedules[0], schedules[-1], key="pass-1")
    for other in others:
        shop.waits(other, on=first)
    first.commit()
    return Repeats(shop, schedules, answers + [other.finish() for other in others])


def check_one_series(race: Repeats) -> None:
    assert race.answers[0].schedules == race.days
    assert race.answers == [race.answers[0]] * 16
    assert [race.shop.seats(day) for day in race.days] == [1] * 3
    assert_consistent(race.shop)


@pytest.mark.parametrize("capacity", [1, 16], ids=["last seats", "many seats"])
def test_one_key_from_many_at_once_is_one_series(connect: Connect, capacity: int) -> None:
    check_one_series(repeat_a_series(Shop(connect), capacity=capacity))


def test_one_key_is_many_series_without_its_constraint(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, "drop index public.one_order_per_key")
    race = repeat_a_series(shop, capacity=16)
    with pytest.raises(AssertionError):
        check_one_series(race)


def test_one_key_from_many_without_a_first_is_one_series(connect: Connect) -> None:
    shop = Shop(connect)
    schedules, clients = days(shop, 3), shop.clients(16)
    answers = crowd([lambda c=c: order(c, shop, schedules[0], schedules[2], key="pass-1") for c in clients])
    assert answers[0].schedules == schedules
    assert answers == [answers[0]] * 16
    assert [shop.seats(day) for day in schedules] == [1] * 3
    assert_consistent(shop)


# -- in a circle


def meet_in_the_middle(shop: Shop) -> list[Any]:
    """Two passes for three days of one seat each; the second day is just being ordered by somebody else."""
    first, middle, last = days(shop, 1)
    gate, one, other = shop.client(), shop.hurried(), shop.hurried()
    other.ask("set test.backwards = 'on'")  # which only a planted fault reads
    gate.begin()
    gate.reserve(middle)
    one.start(order, one, shop, first, last)
    assert shop.waits(one, on=gate)
    other.start(order, other, shop, first, last)
    shop.waits(other, on=gate)
    gate.rollback()
    return [one.finish(), other.finish()]


def test_two_series_of_the_same_days_take_them_in_one_order(connect: Connect) -> None:
    shop = Shop(connect)
    answers = meet_in_the_middle(shop)
    assert SOLD_OUT in answers
    check_no_deadlock(shop, *answers)


def test_two_series_wait_in_a_circle_when_one_goes_backwards(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        Fault(
            "ticketdb.hold_series",
            r"order by s\.id",
            "order by case when current_setting('test.backwards', true) = 'on' then -s.id else s.id end",
        ),
    )
    answers = meet_in_the_middle(shop)
    with pytest.raises(AssertionError):
        check_no_deadlock(shop, *answers)


def test_series_of_days_made_in_another_order_than_they_come_do_not_wait_in_a_circle(
    connect: Connect,
) -> None:
    shop = Shop(connect)
    schedules = days(shop, 2, number=4)
    # ids go up while dates go down
    shop.admin.ask("update public.event_schedules set schedule_date = current_date + 100 - id")
    clients = [shop.hurried() for _ in range(8)]
    for _ in range(5):
        answers = crowd(
            [
                lambda c=c, n=n: order(c, shop, schedules[n % 2], schedules[2 + n % 2])
                for n, c in enumerate(clients)
            ]
        )
        check_no_deadlock(shop, *answers)
        assert {answer for answer in answers if isinstance(answer, Refusal)} == {SOLD_OUT}
        assert all(shop.seats(day) == 2 for day in schedules[1:3])
        shop.admin.ask("update public.ticket_reservations set expires_at = clock_timestamp()")


def test_series_of_one_user_meet_where_only_some_days_have_a_limit(connect: Connect) -> None:
    shop = Shop(connect)
    first, free, last = days(shop, 1)
    shop.admin.ask("update public.event_schedules set limit_per_user = 1 where id <> %s", free)
    buyer = shop.admin.ask("insert into public.users (username) values ('asha@example.org') returning id").id
    gate, whole, rest = shop.client(), shop.hurried(), shop.hurried()
    gate.begin()
    gate.reserve(first)
    # the whole pass has its user, and waits for the first day
    whole.start(order, whole, shop, first, last, buyer=buyer)
    assert shop.waits(whole, on=gate)
    # the other one begins with a day that asks for no user
    rest.start(order, rest, shop, free, last, buyer=buyer)
    shop.waits(rest, on=whole)
    gate.rollback()
    check_no_deadlock(shop, whole.finish(), rest.finish())


def test_series_meets_single_orders_and_payments_of_its_days(connect: Connect) -> None:
    shop = Shop(connect)
    schedules = days(shop, 8)
    clients = [shop.hurried() for _ in range(12)]

    def buy(client: Client, schedule: int) -> Any:
        held = client.reserve(schedule)
        if isinstance(held, Refusal):
            return held
        return client.confirm(held.reservation_id, f"pay {held.reservation_id}")

    for _ in range(4):
        singles = [lambda c=c, n=n: buy(c, schedules[-1 - n % 3]) for n, c in enumerate(clients[:6])]
        passes = [lambda c=c: order(c, shop, schedules[0], schedules[2]) for c in clients[6:]]
        check_no_deadlock(shop, *crowd(singles + passes))
    assert all(shop.seats(day) == 8 for day in schedules)
