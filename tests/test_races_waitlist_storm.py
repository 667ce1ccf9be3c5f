"""Everything that frees, takes or waits for seats, at once, on few seats and many buckets."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import Connect, Refusal, crowd, wait_until_alone
from race_shop import Shop, check_no_deadlock
from test_races_storm import LOCKS_BACKWARDS, deadlocks
from waitlists import settle

SECONDS = 4.0
CLIENTS = 16
# nobody is offered what a statement frees
NO_OFFERS = Fault("ticketdb.offer_freed_seats", "begin", "begin return null;")


class Fan:
    """Buys, gives up, waits and walks away at random; some are managers too."""

    def __init__(
        self, shop: Shop, schedules: list[int], holds: list[int], places: list[int], seed: int
    ) -> None:
        self.client = shop.hurried()
        self.schedules, self.holds, self.places = schedules, holds, places
        self.chance = random.Random(seed)
        self.name, self.number = f"{seed}", 0

    def run(self) -> list[Any]:
        actions = [
            self.reserve, self.reserve, self.confirm, self.confirm, self.cancel, self.cancel, self.release,
            self.join, self.join, self.join, self.leave, self.take, self.take, self.lapse,
            self.set_capacity, self.maintain,
        ]  # fmt: skip
        answers = []
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            self.number += 1
            answers.append(self.chance.choice(actions)())
        return answers

    def schedule(self) -> int:
        return self.chance.choice(self.schedules)

    def hold(self) -> int:
        return self.chance.choice(self.holds[-40:])

    def reserve(self) -> Any:
        answer = self.client.reserve(
            self.schedule(), self.chance.randint(1, 3), hold_for=self.chance.choice([None, "20 milliseconds"])
        )
        if not isinstance(answer, Refusal):
            self.holds.append(answer.reservation_id)
        return answer

    def confirm(self) -> Any:
        return self.holds and self.client.confirm(self.hold(), f"{self.name}-{self.number}")

    def cancel(self) -> Any:
        return self.holds and self.client.cancel(self.hold())

    def release(self) -> Any:
        return self.holds and self.client.release(self.hold())

    def join(self) -> Any:
        answer = self.client.ask(
            "select * from public.join_waitlist(%s, %s, null, '{\"name\": \"Asha\"}')",
            self.schedule(), self.chance.randint(1, 4),
        )  # fmt: skip
        if not isinstance(answer, Refusal):
            self.places.append(answer.entry_id)
        return answer

    def leave(self) -> Any:
        return self.places and self.client.ask(
            "select * from public.leave_waitlist(%s)", self.chance.choice(self.places[-40:])
        )

    def take(self) -> Any:
        """Pay an offer."""
        offer = self.client.ask(
            """
            select w.reservation_id from public.v_waitlist as w
            where w.status = 'offered' order by random() limit 1
            """
        )
        return offer and self.client.confirm(offer.reservation_id, f"{self.name}-{self.number}")

    def lapse(self) -> Any:
        """Let an offer run out, and somebody notice."""
        self.client.ask(
            """
            update public.ticket_reservations set expires_at = clock_timestamp()
            where id = (
                select w.reservation_id from public.v_waitlist as w
                where w.status = 'offered' order by random() limit 1
            ) and status = 'held'
            """
        )
        return self.client.ask("select ticketdb.reclaim_lapsed_holds(%s)", self.schedule())

    def set_capacity(self) -> Any:
        return self.again_later(self.client.set_capacity(self.schedule(), self.chance.randint(64, 80)))

    def maintain(self) -> Any:
        return self.again_later(self.client.ask("select public.run_maintenance(0)"))

    def again_later(self, answer: Any) -> Any:
        return None if isinstance(answer, Refusal) and answer.sqlstate == "55P03" else answer


def storm(shop: Shop) -> list[Any]:
    """Sixteen fans on two occurrences of 64 to 80 seats, in four or five buckets each, most of them taken."""
    schedules = [shop.schedule(64) for _ in range(2)]
    holds = [shop.admin.reserve(show).reservation_id for show in schedules for _ in range(58)]
    places: list[int] = []
    fans = [Fan(shop, schedules, holds, places, seed) for seed in range(CLIENTS)]
    answers = [answer for answers in crowd([fan.run for fan in fans]) for answer in answers]
    for fan in fans:
        fan.client.connection.close()
    wait_until_alone(shop.admin)
    # whoever joins looks for himself: the last to come gives seats back
    return answers + [shop.admin.cancel(sale) for sale in sales(shop)]


def sales(shop: Shop) -> list[int]:
    found = shop.admin.connection.execute(
        "select r.id from public.ticket_reservations as r where r.status = 'confirmed' order by r.id limit 10"
    )
    return [number for (number,) in found]


def check_storm(shop: Shop, answers: list[Any]) -> None:
    assert deadlocks(shop) == 0
    check_no_deadlock(shop, *answers)
    assert settle(shop) == []


def test_storm_around_a_waiting_list_passes_nobody_over_and_has_no_deadlock(connect: Connect) -> None:
    shop = Shop(connect)
    answers = storm(shop)
    offered = shop.admin.ask("select count(*) as n from public.event_waitlist where offered_at is not null")
    assert offered.n > 20
    check_storm(shop, answers)


def test_storm_has_deadlocks_when_locks_are_taken_backwards(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, LOCKS_BACKWARDS)
    answers = storm(shop)
    with pytest.raises(AssertionError):
        check_storm(shop, answers)


def test_storm_passes_somebody_over_when_freed_seats_are_not_offered(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_OFFERS, Fault("ticketdb.expire_holds", r"ticketdb\.offer_seats\(h\.schedule_id\)", "0"))
    with pytest.raises(AssertionError):
        check_storm(shop, storm(shop))
