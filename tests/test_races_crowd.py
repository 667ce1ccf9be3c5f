"""Sixty-four clients and a hundred seats, while clients are killed in the middle of what they do."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from race_faults import LOOK_THEN_WRITE, plant
from race_helpers import SOLD_OUT, Client, Connect, Refusal, crowd, wait_until_alone
from race_shop import Shop, assert_consistent

CLIENTS, SEATS, ROUNDS = 64, 100, 5


@dataclass
class Buyer:
    """Buys for parties of one to six, and comes back with a new connection whenever it was killed."""

    shop: Shop
    schedule: int
    seed: int
    killed: int = 0
    refusals: set[Refusal] = field(default_factory=set)
    # what the server acknowledged of each reservation, unless something was tried on it afterwards
    acknowledged: dict[int, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.client = self.shop.client()
        self.chance = random.Random(self.seed)

    def run(self) -> None:
        for number in range(ROUNDS):
            try:
                self.buy(f"pay-{self.seed}-{number}")
            except psycopg.OperationalError:
                self.killed += 1
                with self.lock:
                    self.client.connection.close()
                    self.client = self.shop.client()

    def buy(self, reference: str) -> None:
        held = self.act(self.client.reserve, self.schedule, self.chance.randint(1, 6))
        if isinstance(held, Refusal):
            return
        fate = self.chance.choice(["confirm", "confirm", "cancel", "release", "walk away"])
        if fate == "release":
            self.act(self.client.release, held.reservation_id)
        if fate in ("confirm", "cancel"):
            self.act(self.client.confirm, held.reservation_id, reference)
        if fate == "cancel":
            self.act(self.client.cancel, held.reservation_id)

    def act(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """In a transaction that stays open for a moment, so that many are killed inside one."""
        if action != self.client.reserve:
            self.acknowledged.pop(arguments[0], None)
        self.client.begin()
        answer = action(*arguments)
        time.sleep(self.chance.random() / 100)
        self.client.ask("rollback" if isinstance(answer, Refusal) else "commit")
        if isinstance(answer, Refusal):
            self.refusals.add(answer)
        else:
            self.acknowledged[answer.reservation_id] = answer.status
        return answer


def kill(buyer: Buyer, admin: Client, *, by_server: bool) -> None:
    """End a client's connection, by the server or as if its machine had gone."""
    with buyer.lock:
        if by_server:
            admin.ask("select pg_terminate_backend(%s)", buyer.client.pid)
            return
        # a connection that broke meanwhile has no socket any more, or one without an other end
        with (
            suppress(psycopg.OperationalError, OSError),
            socket.socket(fileno=os.dup(buyer.client.connection.fileno())) as s,
        ):
            s.shutdown(socket.SHUT_RDWR)


@dataclass
class Crowd:
    """What became of them."""

    shop: Shop
    buyers: list[Buyer]
    most_seats: int


def sell_to_a_dying_crowd(shop: Shop) -> Crowd:
    schedule = shop.schedule(SEATS)
    buyers = [Buyer(shop, schedule, seed) for seed in range(CLIENTS)]
    done = threading.Event()
    seats = [0]

    def reap() -> None:
        chance = random.Random(CLIENTS)
        while not done.wait(0.02):
            kill(chance.choice(buyers), shop.admin, by_server=chance.random() < 0.5)
            seats.append(shop.seats(schedule))

    reaper = threading.Thread(target=reap)
    reaper.start()
    try:
        crowd([buyer.run for buyer in buyers])
    finally:
        done.set()
        reaper.join()
    for buyer in buyers:
        buyer.client.connection.close()
    wait_until_alone(shop.admin)
    return Crowd(shop, buyers, max(seats))


def check_crowd(crowd: Crowd) -> None:
    assert crowd.most_seats <= SEATS
    assert set().union(*(buyer.refusals for buyer in crowd.buyers)) == {SOLD_OUT}
    for buyer in crowd.buyers:
        for reservation, status in buyer.acknowledged.items():
            assert crowd.shop.status(reservation) == status
    assert_consistent(crowd.shop)


def test_clients_killed_at_random_leave_a_consistent_shop(connect: Connect) -> None:
    result = sell_to_a_dying_crowd(Shop(connect))
    assert sum(buyer.killed for buyer in result.buyers) >= 10
    check_crowd(result)


def test_crowd_oversells_when_it_looks_then_writes(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, *LOOK_THEN_WRITE)
    result = sell_to_a_dying_crowd(shop)
    with pytest.raises(AssertionError):
        check_crowd(result)
