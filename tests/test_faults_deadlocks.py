"""Transactions that reserve two occurrences in either order: one is ended, and asking again succeeds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
from factories import assert_sound, counters, schedule, value
from race_helpers import PATIENCE, Client, Refusal, crowd

Connect = Callable[..., psycopg.Connection]
DEADLOCK = Refusal("40P01", None)
BUYERS, ROUNDS, PARTY = 8, 6, 6


def hurried(connect: Connect) -> Client:
    """A client that finds a deadlock after 10 ms instead of a second."""
    client = Client(connect())
    client.ask("set deadlock_timeout = '10ms'")
    return client


def test_victim_of_a_deadlock_loses_nothing_but_time(connect: Connect) -> None:
    """Of two transactions that want all seats of two occurrences in opposite order one is ended with 40P01
    and has taken nothing; the other gets both. When there are seats again, the same calls with the same keys
    succeed."""
    admin = connect()
    here, there = schedule(admin, max_tickets=PARTY), schedule(admin, max_tickets=PARTY)
    buyers = hurried(connect), hurried(connect)
    for buyer, first in zip(buyers, (here, there), strict=True):
        buyer.begin()
        assert buyer.reserve(first, PARTY, key=f"{buyer.pid} {first}").status == "held"
    for buyer, second in zip(buyers, (there, here), strict=True):
        buyer.start(buyer.reserve, second, PARTY, key=f"{buyer.pid} {second}")
    answers = [buyer.finish() for buyer in buyers]
    victim = buyers[answers.index(DEADLOCK)]
    winner = buyers[1 - answers.index(DEADLOCK)]
    victim.rollback()
    winner.commit()
    assert_sound(admin)
    assert counters(admin, here) == counters(admin, there) == (0, PARTY, 0)

    for reservation in admin.execute("select r.id from public.ticket_reservations as r").fetchall():
        assert winner.release(*reservation).status == "released"
    for either in (here, there):
        assert victim.reserve(either, PARTY, key=f"{victim.pid} {either}").status == "held"
    assert_sound(admin)
    assert counters(admin, here) == counters(admin, there) == (0, PARTY, 0)


class PassBuyer:
    """Wants a party's seats on both occurrences, in one transaction and in any order."""

    def __init__(self, client: Client, schedules: list[int]) -> None:
        self.client, self.schedules = client, schedules
        self.chance = random.Random(client.pid)
        self.refusals: list[Refusal] = []

    def reserve_both(self, name: str) -> list[int]:
        """The two reservations; tries again until it gets them, always with the same keys."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.client.begin()
            answers = []
            for either in self.chance.sample(self.schedules, 2):
                answers.append(self.client.reserve(either, PARTY, key=f"{self.client.pid} {name} {either}"))
                if isinstance(answers[-1], Refusal):
                    break
                time.sleep(0.002)
            refused = isinstance(answers[-1], Refusal)
            self.client.ask("rollback" if refused else "commit")
            if not refused:
                return [answer.reservation_id for answer in answers]
            self.refusals.append(answers[-1])
        raise TimeoutError(f"a pass was refused for ever: {self.refusals[-5:]}")

    def insist(self, action: Callable[..., Any], *arguments: Any) -> str:
        """Who queues behind such transactions may be ended in their place, though he makes a single call."""
        while (answer := action(*arguments)) == DEADLOCK:
            self.refusals.append(answer)
        return answer.status

    def run(self) -> None:
        for number in range(ROUNDS):
            for reservation in self.reserve_both(str(number)):
                assert self.insist(self.client.release, reservation) == "released"
        for reservation in self.reserve_both("last"):
            assert self.insist(self.client.confirm, reservation, f"pay {reservation}") == "confirmed"


def test_passes_in_any_order_all_succeed_in_the_end(connect: Connect) -> None:
    """However many deadlocks it takes, nobody is told sold_out while there are seats for all, every pass is
    complete, no repeated call counts twice, and every seat is sold in the end."""
    admin = connect()
    schedules = [schedule(admin, max_tickets=BUYERS * PARTY) for _ in range(2)]
    buyers = [PassBuyer(hurried(connect), schedules) for _ in range(BUYERS)]
    crowd([buyer.run for buyer in buyers])
    refusals = [refusal for buyer in buyers for refusal in buyer.refusals]
    assert set(refusals) == {DEADLOCK}
    reservations = value(admin, "select count(*) from public.ticket_reservations")
    assert reservations == len(schedules) * BUYERS * (ROUNDS + 1)
    for either in schedules:
        assert counters(admin, either) == (0, 0, BUYERS * PARTY)
    assert_sound(admin)
