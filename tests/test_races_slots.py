"""Two want one space at one time, from either side: one has it, the other is told who."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import Client, Connect, Refusal
from race_shop import Shop

TAKEN = Refusal("PT409", "slot_conflict")
Take = Callable[[Client], Any]


def booking(client: Client) -> Any:
    return client.ask(
        """
        insert into public.bookings (booking_reference, space_id, start_datetime, end_datetime)
        values (gen_random_uuid()::text, 1, '2031-03-03 07:30', '2031-03-03 08:30') returning id
        """
    )


def occurrence(client: Client) -> Any:
    return client.ask(
        """
        insert into public.event_schedules (
            event_definition_id, schedule_date, start_time, end_time, max_tickets, space_id
        )
        select d.id, '2031-03-03', '07:00', '08:00', 5, 1 from public.event_definitions as d
        where d.event_code = 'race' returning id
        """
    )


def class_of(client: Client) -> Any:
    return client.ask(
        """
        select public.generate_recurring_schedules(d.id, '2031-03-03', '2031-03-05') as made
        from public.event_definitions as d where d.event_code = 'yoga'
        """
    )


def moved(client: Client) -> Any:
    return client.ask(
        "update public.bookings set space_id = 1 where booking_reference = 'ELSEWHERE' returning id"
    )


def studio(connect: Connect) -> Shop:
    shop = Shop(connect)
    shop.admin.ask("insert into public.spaces (id, name) values (1, 'Studio'), (2, 'Hall')")
    shop.admin.ask(
        """
        insert into public.event_definitions (
            event_code, title, event_category, event_type, recurrence_type, default_start_time, space_id,
            timezone
        ) values ('yoga', 'Yoga', 'wellness', 'yoga', 'daily', '07:00', 1, 'UTC')
        """
    )
    shop.admin.ask(
        """
        insert into public.bookings (booking_reference, space_id, start_datetime, end_datetime)
        values ('ELSEWHERE', 2, '2031-03-03 06:30', '2031-03-03 07:45')
        """
    )
    return shop


def meet(shop: Shop, first: Take, second: Take, *, first_stays: bool = True) -> tuple[Any, Any]:
    """The second asks while the first has not committed, and waits for it."""
    one, other = shop.client(), shop.client()
    one.begin()
    had = first(one)
    other.start(second, other)
    assert shop.waits(other, on=one)
    one.commit() if first_stays else one.rollback()
    return had, other.finish()


def check_one_holder(shop: Shop) -> None:
    doubles = shop.admin.ask(
        """
        select count(*) as n
        from ticketdb.space_claims as a
        join ticketdb.space_claims as b on a.space_id = b.space_id
            and (a.source, a.source_id, a.starts_at) < (b.source, b.source_id, b.starts_at)
            and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
        """
    )
    assert doubles.n == 0
    assert shop.admin.ask("select * from public.verify_inventory()") is None


PAIRS = pytest.mark.parametrize(
    ("first", "second"),
    [
        (booking, occurrence),
        (occurrence, booking),
        (booking, booking),
        (class_of, occurrence),
        (booking, moved),
        (moved, class_of),
        (booking, class_of),
    ],
)


@PAIRS
def test_who_waited_is_refused_or_does_without(connect: Connect, first: Take, second: Take) -> None:
    shop = studio(connect)
    had, answer = meet(shop, first, second)
    assert not isinstance(had, Refusal)
    if second is class_of:
        assert answer.made == 2
    else:
        assert answer == TAKEN
    check_one_holder(shop)


@PAIRS
def test_who_waited_has_it_where_the_first_thought_better(
    connect: Connect, first: Take, second: Take
) -> None:
    shop = studio(connect)
    _, answer = meet(shop, first, second, first_stays=False)
    assert not isinstance(answer, Refusal)
    check_one_holder(shop)


def test_an_application_at_repeatable_read_is_told_the_same(connect: Connect) -> None:
    shop = studio(connect)
    one, other = shop.client(), shop.client()
    other.begin("repeatable read")
    other.ask("select 1 from public.bookings")
    booking(one)
    assert booking(other) == TAKEN
    other.rollback()
    check_one_holder(shop)


def test_the_space_is_taken_twice_without_the_constraint(connect: Connect) -> None:
    shop = studio(connect)
    plant(
        shop,
        "alter table ticketdb.space_occupations drop constraint space_taken_once",
        Fault("ticketdb.occupy_spaces", "on conflict on constraint space_taken_once do nothing", ""),
    )
    one, other = shop.client(), shop.client()
    one.begin()
    booking(one)
    assert not isinstance(occurrence(other), Refusal)
    one.commit()
    with pytest.raises(AssertionError):
        check_one_holder(shop)


def test_a_daily_round_does_not_fail_for_one_date_that_was_just_taken(connect: Connect) -> None:
    shop = studio(connect)
    one, other = shop.client(), shop.client()
    one.begin()
    one.ask(
        """
        insert into public.bookings (booking_reference, space_id, start_datetime, end_datetime)
        values ('NOW', 1, current_date + 1 + time '07:30', current_date + 1 + time '08:30')
        """
    )
    other.start(other.ask, "select public.run_maintenance(7) as done")
    assert shop.waits(other, on=one)
    one.commit()
    assert other.finish().done["schedules_generated"] == 7
    check_one_holder(shop)


def test_two_that_take_two_spaces_in_opposite_order_end_as_a_deadlock_at_worst(connect: Connect) -> None:
    shop = studio(connect)
    one, other = shop.hurried(), shop.hurried()
    take = """
        insert into public.bookings (booking_reference, space_id, start_datetime, end_datetime)
        values (gen_random_uuid()::text, %s, '2031-04-04 07:00', '2031-04-04 08:00')
    """
    one.begin(), other.begin()
    one.ask(take, 1)
    other.ask(take, 2)
    one.start(one.ask, take, 2)
    assert shop.waits(one, on=other)
    other.start(other.ask, take, 1)
    answers = [other.finish(), one.finish()] if not shop.waits(other, on=one) else None
    if answers is None:
        answers = [other.finish()]
        other.rollback()
        answers.append(one.finish())
    assert Refusal("40P01", None) in answers
    one.rollback(), other.rollback()
    check_one_holder(shop)
