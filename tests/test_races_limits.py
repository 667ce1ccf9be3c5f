"""One user orders twice at once: together he gets no more than he may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent, check_no_deadlock

LIMIT_PER_USER = Refusal("PT409", "limit_per_user")
LIMIT = 3


def order(client: Client, schedule: int, buyer: int, quantity: int = 2, key: str | None = None) -> Any:
    return client.ask(
        """
        select * from public.reserve_tickets(
            p_schedule_id => %s, p_quantity => %s, p_user_id => %s, p_idempotency_key => %s
        )
        """,
        schedule, quantity, buyer, key,
    )  # fmt: skip


def limited(shop: Shop) -> tuple[int, int]:
    """A hall in which one user may have three tickets, and a user."""
    shop.admin.ask("update public.event_definitions set limit_per_user = %s", LIMIT)
    buyer = shop.admin.ask("insert into public.users (username) values ('asha@example.org') returning id").id
    return shop.schedule(64), buyer


@dataclass
class Rush:
    """What became of two orders of one user, of which the first was not yet committed."""

    shop: Shop
    schedule: int
    waited: bool
    first: Any
    second: Any


def order_twice_at_once(shop: Shop, *, end: str = "commit") -> Rush:
    schedule, buyer = limited(shop)
    first, second = shop.clients(2)
    first.begin()
    answer = order(first, schedule, buyer)
    second.start(order, second, schedule, buyer)
    waited = shop.waits(second, on=first)
    first.ask(end)
    return Rush(shop, schedule, waited, answer, second.finish())


def check_limit_is_kept(race: Rush) -> None:
    assert race.waited
    assert race.first.status == "held"
    assert race.second == LIMIT_PER_USER
    assert race.shop.seats(race.schedule) == 2
    assert_consistent(race.shop)


def test_two_orders_of_one_user_at_once_do_not_pass_his_limit(connect: Connect) -> None:
    check_limit_is_kept(order_twice_at_once(Shop(connect)))


def test_second_order_is_taken_when_the_first_rolls_back(connect: Connect) -> None:
    race = order_twice_at_once(Shop(connect), end="rollback")
    assert race.waited
    assert race.second.status == "held"
    assert_consistent(race.shop)


def test_limit_is_passed_when_the_user_is_not_locked(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, Fault("ticketdb.check_limits", "for no key update", ""))
    race = order_twice_at_once(shop)
    with pytest.raises(AssertionError):
        check_limit_is_kept(race)
    assert shop.seats(race.schedule) == 4


def test_many_orders_of_one_user_at_once_fill_his_limit_and_no_more(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, buyer = limited(shop)
    answers = crowd([lambda c=c: order(c, schedule, buyer, 1) for c in shop.clients(16)])
    assert [answer for answer in answers if isinstance(answer, Refusal)] == [LIMIT_PER_USER] * (16 - LIMIT)
    assert shop.seats(schedule) == LIMIT
    assert_consistent(shop)


def test_one_key_from_many_at_the_limit_is_one_order(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, buyer = limited(shop)
    answers = crowd([lambda c=c: order(c, schedule, buyer, LIMIT, key="order-1") for c in shop.clients(16)])
    assert not isinstance(answers[0], Refusal)
    assert answers == [answers[0]] * 16
    assert shop.seats(schedule) == LIMIT
    assert_consistent(shop)


def test_order_that_waits_for_its_user_meets_payment_of_his_hold(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, buyer = limited(shop)
    hold = order(shop.admin, schedule, buyer, 1).reservation_id
    payer, buying = shop.hurried(), shop.hurried()
    payer.begin()
    paid = payer.confirm(hold, "pay-1")
    buying.start(order, buying, schedule, buyer, 2)
    shop.waits(buying, on=payer)
    payer.commit()
    answer = buying.finish()
    assert (paid.status, answer.status) == ("confirmed", "held")
    check_no_deadlock(shop, paid, answer)
    assert order(shop.admin, schedule, buyer, 1) == LIMIT_PER_USER
