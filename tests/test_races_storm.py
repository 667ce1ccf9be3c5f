"""Everything at once, at random, on a few occurrences: no deadlock and no error that is not a refusal."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from race_faults import plant
from race_helpers import Connect, Refusal, crowd, wait_until_alone
from race_shop import Shop, check_no_deadlock

SECONDS = 3.0
# Takes a reservation's lock behind a pool's, and gives others the time to do it the right way round.
LOCKS_BACKWARDS = """
create function public.lock_backwards() returns trigger language plpgsql as $$
begin
    perform pg_sleep(0.01);
    perform from public.ticket_reservations as r where r.status = 'held' order by r.id for update;
    return null;
end
$$;
create trigger z_lock_backwards after insert on public.ticket_reservations
for each statement execute function public.lock_backwards();
"""


def deadlocks(shop: Shop) -> int:
    """How many the server counted in this database; whoever has gone has reported."""
    return shop.admin.ask(
        "select d.deadlocks from pg_stat_database as d where d.datname = current_database()"
    ).deadlocks


class Trader:
    """Does everything at random on a few occurrences, one occurrence in a transaction."""

    def __init__(self, shop: Shop, schedules: list[int], vip: int, holds: list[int], seed: int) -> None:
        self.client = shop.hurried()
        self.schedules, self.vip, self.holds = schedules, vip, holds
        self.chance = random.Random(seed)
        self.bookings: list[int] = []
        self.name = f"{seed}"
        self.number = 0

    def run(self) -> list[Any]:
        actions = [
            self.reserve, self.reserve, self.confirm, self.confirm, self.confirm, self.cancel, self.release,
            self.book, self.change_booking, self.change_booking, self.sell, self.sell_booking,
            self.set_capacity, self.set_limit,
        ]  # fmt: skip
        answers = []
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            self.number += 1
            answers.append(self.chance.choice(actions)())
        return answers

    def reference(self) -> str:
        return f"{self.name}-{self.number}"

    def schedule(self) -> int:
        return self.chance.choice(self.schedules)

    def reserve(self) -> Any:
        answer = self.client.reserve(
            self.schedule(),
            self.chance.randint(1, 3),
            ticket_type=self.chance.choice([None, self.vip]),
            hold_for=self.chance.choice([None, "1 millisecond", "50 milliseconds"]),
        )
        if not isinstance(answer, Refusal):
            self.holds.append(answer.reservation_id)
        return answer

    def confirm(self) -> Any:
        return self.holds and self.client.confirm(self.chance.choice(self.holds[-20:]), self.reference())

    def cancel(self) -> Any:
        return self.holds and self.client.cancel(self.chance.choice(self.holds[-20:]))

    def release(self) -> Any:
        return self.holds and self.client.release(self.chance.choice(self.holds[-20:]))

    def book(self) -> Any:
        answer = self.client.book(self.schedule(), self.reference(), attendees=self.chance.randint(1, 3))
        if not isinstance(answer, Refusal):
            self.bookings.append(answer.id)
        return answer

    def change_booking(self) -> Any:
        return self.bookings and self.client.set_booking(
            self.chance.choice(self.bookings),
            self.chance.choice(["pending", "paid", "cancelled", "completed"]),
            self.chance.randint(1, 3),
        )

    def sell(self) -> Any:
        """Reserve and confirm in one transaction."""
        self.client.begin()
        answer = self.client.reserve(self.schedule(), ticket_type=self.chance.choice([None, self.vip]))
        if not isinstance(answer, Refusal):
            answer = self.client.confirm(answer.reservation_id, self.reference())
        self.client.commit()
        return answer

    def sell_booking(self) -> Any:
        """Book and pay in one transaction."""
        self.client.begin()
        answer = self.client.book(self.schedule(), self.reference())
        if not isinstance(answer, Refusal):
            answer = self.client.set_booking(answer.id, "paid")
        self.client.commit()
        return answer

    def set_capacity(self) -> Any:
        return self.again_later(self.client.set_capacity(self.schedule(), self.chance.randint(5, 60)))

    def set_limit(self) -> Any:
        return self.again_later(self.client.set_limit(self.vip, self.chance.choice([None, 3, 10, 30])))

    def again_later(self, answer: Any) -> Any:
        """The seats in question were just being sold: whoever changes a capacity is asked to come again."""
        return None if isinstance(answer, Refusal) and answer.sqlstate == "55P03" else answer


def storm(shop: Shop) -> list[Any]:
    """Twelve traders on three occurrences. Their answers, then the deadlocks that the server counted."""
    schedules, vip = [shop.schedule(30) for _ in range(3)], shop.ticket_type(20)
    holds: list[int] = []
    traders = [Trader(shop, schedules, vip, holds, seed) for seed in range(12)]
    answers = [answer for answers in crowd([trader.run for trader in traders]) for answer in answers]
    for trader in traders:
        trader.client.connection.close()
    wait_until_alone(shop.admin)
    return answers


def check_storm(shop: Shop, answers: list[Any]) -> None:
    assert deadlocks(shop) == 0
    check_no_deadlock(shop, *answers)


def test_storm_of_everything_has_no_deadlock(connect: Connect) -> None:
    shop = Shop(connect)
    answers = storm(shop)
    assert sum(not isinstance(answer, Refusal) for answer in answers) > 100
    check_storm(shop, answers)


def test_storm_has_deadlocks_when_locks_are_taken_backwards(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, LOCKS_BACKWARDS)
    answers = storm(shop)
    assert deadlocks(shop) > 0
    with pytest.raises(AssertionError):
        check_storm(shop, answers)
