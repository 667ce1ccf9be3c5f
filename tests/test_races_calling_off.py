"""An occurrence is called off while it is bought and paid for: nothing is left behind, no payment lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from race_faults import NO_ROW_LOCKS, Fault, plant
from race_helpers import SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent

CANCELLED = Refusal("PT409", "schedule_cancelled")
BUYERS = 32
# whoever waits for a seat while the occurrence is called off finds some
SEATS_LEFT_OPEN = Fault(
    "ticketdb.call_off_schedule", r"sum\(b\.held \+ b\.sold\)::int", "sum(b.capacity)::int"
)
BUCKET_WITH_SEATS = Fault("ticketdb.open_buckets", r"s\.status = 'cancelled' and", "false and")
# looks once, and not again when nobody can take a seat any more
LOOK_ONCE = Fault(
    "ticketdb.close_schedule",
    r"v_buckets := (coalesce\(ticketdb\.lock_buckets\(p_schedule_id\), '\{\}'\));"
    r"[\s\S]*?if exists[\s\S]*?\) then",
    r"perform pg_sleep(0.5); v_buckets := \1; if false then",
)
# has been patient enough with holds that others have locked
IMPATIENT = (
    Fault("ticketdb.close_schedule", r"v_patience int := 10", "v_patience int := 1"),
    Fault(
        "ticketdb.close_schedule", r"v_ids := ticketdb\.lock_live_reservations\(p_schedule_id, true\);", ""
    ),
)
SEATS_STAY = Fault("ticketdb.move_seats", r"set capacity = b\.held \+ b\.sold", "set capacity = b.capacity")
# a hold that is paid while it is waited for is none any more; passes are looked for with the same words
ONLY_HOLDS = (
    *[Fault("ticketdb.lock_live_reservations", r"\('held', 'confirmed'\)", "('held')")] * 4,
    Fault("ticketdb.close_schedule", "r.status = 'confirmed' or", ""),
)


def call_off(client: Client, schedule: int) -> Any:
    return client.ask("select * from public.cancel_schedule(%s)", schedule)


def check_nothing_left(shop: Shop, schedule: int) -> None:
    """No seat is held or sold, and all that was paid is due back."""
    assert shop.seats(schedule) == 0
    money = shop.admin.ask("select sum(amount) as paid, sum(refund_due) as due from public.ticket_payments")
    assert money.paid == money.due
    assert_consistent(shop)


def behind(
    shop: Shop, first_does: Callable[[Client], Any], second_does: Callable[[Client], Any]
) -> tuple[Any, Any]:
    """Both answers, where the second has to wait until the first commits."""
    first, second = shop.clients(2)
    first.begin()
    answer = first_does(first)
    second.start(second_does, second)
    assert shop.waits(second, on=first)
    first.commit()
    return answer, second.finish()


def reserve_then_call_off(shop: Shop) -> tuple[int, Any]:
    schedule = shop.schedule(20)
    shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    _, answer = behind(shop, lambda c: c.reserve(schedule), lambda c: call_off(c, schedule))
    return schedule, answer


def test_hold_on_its_way_is_waited_for_and_released(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, answer = reserve_then_call_off(shop)
    assert answer.holds_released == 1
    check_nothing_left(shop, schedule)


def test_hold_on_its_way_is_left_behind_without_row_locks(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS)
    schedule, _ = reserve_then_call_off(shop)
    with pytest.raises(AssertionError):
        check_nothing_left(shop, schedule)


def call_off_then_reserve(shop: Shop, *, opened: bool) -> tuple[int, Any]:
    schedule = shop.schedule(20)
    if opened:
        shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    _, answer = behind(shop, lambda c: call_off(c, schedule), lambda c: c.reserve(schedule))
    return schedule, answer


@pytest.mark.parametrize("opened", [True, False])
def test_buyer_behind_the_cancellation_gets_nothing(connect: Connect, *, opened: bool) -> None:
    shop = Shop(connect)
    schedule, answer = call_off_then_reserve(shop, opened=opened)
    assert answer in (CANCELLED, SOLD_OUT)
    check_nothing_left(shop, schedule)


@pytest.mark.parametrize(("opened", "fault"), [(True, SEATS_LEFT_OPEN), (False, BUCKET_WITH_SEATS)])
def test_buyer_behind_the_cancellation_slips_in_where_seats_are_left(
    connect: Connect, *, opened: bool, fault: Fault
) -> None:
    shop = Shop(connect)
    plant(shop, fault)
    schedule, _ = call_off_then_reserve(shop, opened=opened)
    with pytest.raises(AssertionError):
        check_nothing_left(shop, schedule)


def pay_and_call_off(shop: Shop, *, paid_first: bool) -> tuple[int, Any, Any]:
    schedule = shop.schedule(20)
    hold = shop.admin.reserve(schedule, 2).reservation_id
    actions = [lambda c: c.confirm(hold, "pay-1"), lambda c: call_off(c, schedule)]
    first, second = behind(shop, *(actions if paid_first else reversed(actions)))
    return schedule, *((first, second) if paid_first else (second, first))


def check_paid_back(shop: Shop, schedule: int, payment: Any, answer: Any, *, paid_first: bool) -> None:
    assert payment.status == ("confirmed" if paid_first else "refund_due")
    assert (answer.refunds_due, answer.refund_amount) == ((1, 200) if paid_first else (0, 0))
    check_nothing_left(shop, schedule)


@pytest.mark.parametrize("paid_first", [True, False])
def test_payment_beside_the_cancellation_is_due_back(connect: Connect, *, paid_first: bool) -> None:
    shop = Shop(connect)
    check_paid_back(shop, *pay_and_call_off(shop, paid_first=paid_first), paid_first=paid_first)


def test_payment_beside_the_cancellation_is_missed_where_only_holds_are_looked_for(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, *ONLY_HOLDS)
    with pytest.raises(AssertionError):
        check_paid_back(shop, *pay_and_call_off(shop, paid_first=True), paid_first=True)


def test_called_off_twice_at_once_answers_the_same(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(20)
    shop.admin.confirm(shop.admin.reserve(schedule).reservation_id, "pay-1")
    first, second = behind(shop, *[lambda c: call_off(c, schedule)] * 2)
    assert first == second
    told = "select array_agg(n.kind order by n.kind) as kinds from public.ticket_notifications as n"
    assert shop.admin.ask(told).kinds == ["refund_due", "schedule_cancelled", "ticket_confirmation"]
    check_nothing_left(shop, schedule)


def give_up_while_called_off(shop: Shop) -> tuple[int, Any]:
    """A hold is being given up while its occurrence is called off, and a buyer waits for the same bucket.

    Whoever calls off has been patient enough: he leaves the hold to the one who has it locked.
    """
    plant(shop, *IMPATIENT)
    schedule = shop.schedule(20)
    hold = shop.admin.reserve(schedule, 3).reservation_id
    holder, closer, buyer = shop.clients(3)
    holder.begin()
    holder.ask("select r.id from public.ticket_reservations as r where r.id = %s for no key update", hold)
    closer.begin()
    call_off(closer, schedule)
    holder.start(holder.release, hold)
    assert shop.waits(holder, on=closer)
    buyer.start(buyer.reserve, schedule)
    assert shop.waits(buyer, on=holder)
    closer.commit()
    holder.finish()
    holder.commit()
    return schedule, buyer.finish()


def test_a_seat_that_comes_back_to_what_was_called_off_is_nobodys(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, answer = give_up_while_called_off(shop)
    assert answer == CANCELLED
    check_nothing_left(shop, schedule)


def test_a_seat_that_comes_back_to_what_was_called_off_is_sold_where_it_stays(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, SEATS_STAY)
    schedule, _ = give_up_while_called_off(shop)
    with pytest.raises(AssertionError):
        check_nothing_left(shop, schedule)


def call_off_in_a_storm(shop: Shop) -> tuple[int, list[Any]]:
    """Thirty-two buy, pay, walk away and cancel until nothing is sold; one calls it off meanwhile."""
    schedule = shop.schedule(2000)

    def buy(client: Client, number: int) -> list[Any]:
        chance, answers = random.Random(number), []
        for turn in range(200):
            held = client.reserve(schedule, chance.randint(1, 3))
            answers.append(held)
            if isinstance(held, Refusal):
                break
            for act in chance.choice([["confirm"], ["confirm", "cancel"], ["release"], []]):
                arguments = [held.reservation_id, *([f"pay-{number}-{turn}"] if act == "confirm" else [])]
                answers.append(getattr(client, act)(*arguments))
        return answers

    def stop(client: Client) -> list[Any]:
        while shop.admin.ask("select count(*) as sold from public.ticket_payments").sold < BUYERS:
            time.sleep(0.005)
        return [call_off(client, schedule)]

    clients = shop.clients(BUYERS + 1)
    actions = [lambda c=c, n=n: buy(c, n) for n, c in enumerate(clients[1:])]
    answers = crowd([lambda: stop(clients[0]), *actions])
    return schedule, [one for some in answers for one in some]


def check_storm(shop: Shop, schedule: int, answers: list[Any]) -> None:
    assert {one.sqlstate for one in answers if isinstance(one, Refusal)} <= {"PT409", "PT410"}
    assert CANCELLED in answers
    check_nothing_left(shop, schedule)


def test_storm_of_buyers_leaves_nothing_behind(connect: Connect) -> None:
    shop = Shop(connect)
    check_storm(shop, *call_off_in_a_storm(shop))


def test_storm_of_buyers_leaves_something_behind_where_it_is_looked_at_once(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, LOOK_ONCE)
    result = call_off_in_a_storm(shop)
    with pytest.raises(AssertionError):
        check_storm(shop, *result)
