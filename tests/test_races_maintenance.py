"""The daily round beside another one, and beside those who sell."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import BAD_ISOLATION, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent, check_no_deadlock

HORIZON = 6


def maintain(client: Client) -> Any:
    """The counts of a round, or a Refusal."""
    answer = client.ask("select public.run_maintenance(%s) as counts", HORIZON)
    return answer if isinstance(answer, Refusal) else answer.counts


def recurring(shop: Shop, code: str) -> int:
    return shop.admin.ask(
        """
        insert into public.event_definitions (
            event_code, title, event_category, event_type, recurrence_type, default_start_time, timezone
        ) values (%s, 'Yoga', 'wellness', 'yoga', 'daily', '23:59:59', 'UTC')
        returning id
        """,
        code,
    ).id


def past(shop: Shop, schedule: int, days: int = 7) -> int:
    """Let an occurrence be over."""
    shop.admin.ask(
        "update public.event_schedules set schedule_date = current_date - %s::int where id = %s",
        days,
        schedule,
    )
    return schedule


def backlog(shop: Shop) -> Counter[str]:
    """Work of each kind; returns how much there is."""
    recurring(shop, "yoga")
    schedules = [shop.schedule(40) for _ in range(3)]
    for schedule in schedules:
        for _ in range(20):
            shop.lapsed_hold(schedule)
        shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    shop.admin.ask(
        """
        update public.ticket_reservations
        set closed_at = now() - interval '91 days'
        where status = 'released'
        """
    )
    for days in range(7, 12):
        past(shop, shop.schedule(5), days)
    return Counter(schedules_generated=HORIZON + 1, schedules_completed=5, holds_deleted=3, holds_expired=60)


def test_two_rounds_at_once_do_the_work_once(connect: Connect) -> None:
    shop = Shop(connect)
    work = backlog(shop)
    first, second = shop.hurried(), shop.hurried()
    first.begin()
    done = Counter(maintain(first))
    second.start(maintain, second)
    assert shop.waits(second, on=first)
    first.commit()
    assert done == work
    assert +Counter(second.finish()) == Counter()
    assert_consistent(shop)


def test_many_rounds_at_once_do_the_work_once(connect: Connect) -> None:
    shop = Shop(connect)
    work = backlog(shop)
    answers = crowd([lambda c=c: maintain(c) for c in [shop.hurried() for _ in range(6)]])
    assert [answer for answer in answers if isinstance(answer, Refusal)] == []
    # what one was at, the others passed over or waited for
    assert sum(map(Counter, answers), Counter()) == work
    assert_consistent(shop)


def test_two_rounds_do_not_wait_in_a_circle_for_what_they_generate(connect: Connect) -> None:
    shop = Shop(connect)
    one = recurring(shop, "yoga")
    recurring(shop, "zumba")
    gate, first, second = shop.client(), shop.hurried(), shop.hurried()
    # the first round has generated a day of one event and waits for the next
    gate.begin()
    gate.ask(
        """
        insert into public.event_schedules (
            event_definition_id, schedule_date, start_time, end_time, max_tickets
        )
        values (%s, (now() at time zone 'UTC')::date + 1, '23:59:59', '00:59:59', 5)
        """,
        one,
    )
    first.start(maintain, first)
    assert shop.waits(first, on=gate)
    # meanwhile somebody changes that event, which puts its row behind the other's
    shop.admin.ask("update public.event_definitions set title = 'Yoga at night' where id = %s", one)
    second.start(maintain, second)
    shop.waits(second, on=first)
    gate.rollback()
    check_no_deadlock(shop, first.finish(), second.finish())


# -- beside a sale


def test_round_waits_for_a_sale_of_the_same_occurrence(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(2)
    hold = shop.lapsed_hold(schedule)
    buyer, keeper = shop.hurried(), shop.hurried()
    buyer.begin()
    paid = buyer.confirm(buyer.reserve(schedule).reservation_id, "pay-1")
    keeper.start(maintain, keeper)
    shop.waits(keeper, on=buyer)
    buyer.commit()
    counts = keeper.finish()
    check_no_deadlock(shop, paid, counts)
    assert (paid.status, counts["holds_expired"], shop.status(hold)) == ("confirmed", 1, "expired")


def test_round_passes_over_a_lapsed_hold_that_is_being_paid(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(2)
    hold, other = shop.lapsed_hold(schedule), shop.lapsed_hold(schedule)
    payer = shop.client()
    payer.begin()
    payer.ask("select from public.ticket_reservations as r where r.id = %s for no key update", hold)
    assert maintain(shop.admin)["holds_expired"] == 1
    assert payer.confirm(hold, "pay-1").status == "confirmed"
    payer.commit()
    assert (shop.status(hold), shop.status(other)) == ("confirmed", "expired")
    assert_consistent(shop)


def test_round_completes_an_occurrence_of_which_the_last_hold_is_being_paid(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(5)
    shop.lapsed_hold(schedule)
    hold = shop.admin.reserve(schedule).reservation_id
    past(shop, schedule)
    # the payment is slow between its seats and the occurrence
    plant(
        shop,
        Fault("ticketdb.count_sold_tickets", "begin", "begin perform pg_advisory_xact_lock(1);"),
    )
    stop, payer, keeper = shop.client(), shop.hurried(), shop.hurried()
    stop.begin()
    stop.ask("select pg_advisory_xact_lock(1)")
    payer.start(payer.confirm, hold, "pay-1")
    assert shop.waits(payer, on=stop)
    keeper.start(maintain, keeper)
    shop.waits(keeper, on=payer)
    stop.commit()
    paid, counts = payer.finish(), keeper.finish()
    check_no_deadlock(shop, paid, counts)
    assert paid.status == "confirmed"


def test_rounds_beside_many_sales_lose_nothing(connect: Connect) -> None:
    shop = Shop(connect)
    schedules = [shop.schedule(40) for _ in range(3)]
    buyers, keepers = [shop.hurried() for _ in range(8)], [shop.hurried() for _ in range(2)]

    def buy(client: Client, number: int) -> list[Any]:
        answers = []
        for turn in range(12):
            held = client.reserve(schedules[(number + turn) % 3], 1 + turn % 3)
            answers.append(held)
            if isinstance(held, Refusal) or turn % 3 == 0:
                continue
            if turn % 3 == 1:
                client.ask(
                    "update public.ticket_reservations set expires_at = clock_timestamp() where id = %s",
                    held.reservation_id,
                )
            answers.append(client.confirm(held.reservation_id, f"pay {held.reservation_id}"))
        return answers

    results = crowd(
        [lambda c=c, n=n: buy(c, n) for n, c in enumerate(buyers)]
        + [lambda c=c: [maintain(c) for _ in range(15)] for c in keepers]
    )
    check_no_deadlock(shop, *[answer for answers in results for answer in answers])
    assert sum(shop.seats(schedule) for schedule in schedules) > 0


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_round_with_an_old_snapshot_is_refused(connect: Connect, level: str) -> None:
    shop = Shop(connect)
    keeper = shop.client()
    keeper.begin(level)
    assert maintain(keeper) == BAD_ISOLATION
    keeper.rollback()
