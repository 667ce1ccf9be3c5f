"""The same request from many at once: one order for one key, one occurrence for one date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent


@dataclass
class Repeats:
    """The answers to one request, the first given before the others."""

    shop: Shop
    schedule: int
    answers: list[Any]


def repeat_an_order(shop: Shop, *, places: int = 1, lapsed: bool = False) -> Repeats:
    """Sixteen ask for a seat with one key, and all ask before the first commits."""
    schedule = shop.schedule(places)
    if lapsed:
        shop.lapsed_hold(schedule)
    first, *others = shop.clients(16)
    first.begin()
    answers = [first.reserve(schedule, key="order-1")]
    for other in others:
        other.start(other.reserve, schedule, key="order-1")
    for other in others:
        shop.waits(other, on=first)
    first.commit()
    return Repeats(shop, schedule, answers + [other.finish() for other in others])


def check_one_order(race: Repeats) -> None:
    assert not isinstance(race.answers[0], Refusal)
    assert race.answers == [race.answers[0]] * 16
    assert race.shop.seats(race.schedule) == 1
    assert_consistent(race.shop)


@pytest.mark.parametrize(
    ("places", "lapsed"), [(1, False), (1, True), (16, False)], ids=["last seat", "lapsed seat", "many seats"]
)
def test_one_key_from_many_at_once_is_one_reservation(connect: Connect, places: int, lapsed: bool) -> None:
    check_one_order(repeat_an_order(Shop(connect), places=places, lapsed=lapsed))


def test_one_key_is_many_orders_without_its_constraint(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        "drop index public.one_order_per_key",
    )
    race = repeat_an_order(shop, places=16)
    with pytest.raises(AssertionError):
        check_one_order(race)


def test_one_key_from_many_without_a_first_is_one_reservation(connect: Connect) -> None:
    shop = Shop(connect)
    clients = shop.clients(16)
    for number in range(20):
        schedule, key = shop.schedule(1), f"order-{number}"
        answers = crowd([lambda c=c, s=schedule, k=key: c.reserve(s, key=k) for c in clients])
        assert not isinstance(answers[0], Refusal)
        assert answers == [answers[0]] * 16
    assert_consistent(shop)


def generate(client: Client, event: int) -> int:
    answer = client.ask(
        "select public.generate_recurring_schedules(%s, date '2031-05-01', date '2031-05-31') as inserted",
        event,
    )
    return answer.inserted


def generate_a_month(shop: Shop) -> list[int]:
    """Eight generate the same month; seven began before the first committed. How many each inserted."""
    shop.admin.ask(
        """
        update public.event_definitions
        set recurrence_type = 'daily', default_start_time = '07:00'
        where id = %s
        """,
        shop.event,
    )
    first, *others = shop.clients(8)
    first.begin()
    inserted = [generate(first, shop.event)]
    for other in others:
        other.start(generate, other, shop.event)
    for other in others:
        shop.waits(other, on=first)
    first.commit()
    return inserted + [other.finish() for other in others]


def check_one_month(shop: Shop, inserted: list[int]) -> None:
    rows = shop.admin.ask("select count(*)::int as rows from public.event_schedules").rows
    assert (sum(inserted), rows) == (31, 31)
    assert_consistent(shop)


def test_month_generated_from_many_at_once_is_there_once(connect: Connect) -> None:
    shop = Shop(connect)
    check_one_month(shop, generate_a_month(shop))


def test_month_is_there_many_times_without_its_constraint(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        "alter table public.event_schedules drop constraint one_schedule_per_start",
        Fault("public.generate_recurring_schedules", "on conflict do nothing", ""),
    )
    inserted = generate_a_month(shop)
    with pytest.raises(AssertionError):
        check_one_month(shop, inserted)
