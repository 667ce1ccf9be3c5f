"""Buyers of one occurrence at once: every last seat of all buckets is sold, and none twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import NO_CONSTRAINTS, Fault, plant
from race_helpers import SOLD_OUT, TYPE_SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent

SEATS = 100

# Seats that lie in several buckets are not found.
NOT_GATHERED = Fault("ticketdb.gather_seats", r"\nbegin\n", "\nbegin return false;\n")
ONE_BUCKET_ONLY = (
    NOT_GATHERED,
    Fault("ticketdb.free_seats", r"filter \(where ", "filter (where b.bucket = b.own_bucket and "),
)
# The fast path takes what it wants from the own bucket.
NO_GUARD_ON_THE_FAST_PATH = (
    NO_CONSTRAINTS,
    Fault("ticketdb.hold_tickets", r"and b\.held \+ b\.sold \+ p_quantity <= b\.capacity", ""),
)


def client_of_bucket(shop: Shop, bucket: int, buckets: int) -> Client:
    """A client whose own bucket, the one that it tries first, is this one."""
    while True:
        client = shop.client()
        if client.pid % buckets == bucket:
            return client
        client.connection.close()


def fill(shop: Shop, buckets: int, leave: int = 1) -> int:
    """An occurrence of which each bucket has so many seats left of sixteen."""
    schedule = shop.schedule(16 * buckets)
    for _ in range(buckets):
        # whatever is left has no room for a second
        assert not isinstance(shop.admin.reserve(schedule, 16 - leave), Refusal)
    left = shop.admin.ask(
        """
        select array_agg(b.capacity - b.held - b.sold) as free
        from ticketdb.seat_buckets as b
        where b.schedule_id = %s
        """,
        schedule,
    )
    assert left.free == [leave] * buckets
    return schedule


@dataclass
class Sale:
    """What became of a crowd of single buyers, more than there are seats."""

    shop: Shop
    schedule: int
    kind: int | None
    seats: int
    answers: list[Any]

    @property
    def refusals(self) -> list[Refusal]:
        return [answer for answer in self.answers if isinstance(answer, Refusal)]


def sell_out(shop: Shop, *, limit: int | None = None, clients: int = 16, hesitant: bool = False) -> Sale:
    """Clients ask 160 times for one of 100 seats; every third time a hesitant one changes his mind."""
    kind = shop.ticket_type(limit) if limit else None
    schedule = shop.schedule(SEATS)

    def buy(client: Client, number: int) -> list[Any]:
        answers = []
        for turn in range(160 // clients):
            undecided = hesitant and (number + turn) % 3 == 0
            client.begin()
            answer = client.reserve(schedule, ticket_type=kind)
            client.ask("rollback" if undecided else "commit")
            if not undecided or isinstance(answer, Refusal):
                answers.append(answer)
        return answers

    answers = crowd([lambda c=c, n=n: buy(c, n) for n, c in enumerate(shop.clients(clients))])
    return Sale(shop, schedule, kind, limit or SEATS, [a for each in answers for a in each])


def check_sold_out(sale: Sale) -> None:
    assert set(sale.refusals) == {TYPE_SOLD_OUT if sale.kind else SOLD_OUT}
    assert len(sale.answers) - len(sale.refusals) == sale.seats
    assert sale.shop.seats(sale.schedule) == sale.seats
    assert_consistent(sale.shop)


# four clients have four of the six buckets for their own
@pytest.mark.parametrize("clients", [4, 16])
@pytest.mark.parametrize("limit", [None, 40])
def test_crowd_of_single_buyers_gets_exactly_the_seats(
    connect: Connect, limit: int | None, clients: int
) -> None:
    check_sold_out(sell_out(Shop(connect), limit=limit, clients=clients))


def test_crowd_gets_the_seats_that_others_gave_back_before_it_is_refused(connect: Connect) -> None:
    check_sold_out(sell_out(Shop(connect), hesitant=True))


@pytest.mark.parametrize("faults", [NO_GUARD_ON_THE_FAST_PATH, ONE_BUCKET_ONLY], ids=["oversold", "unsold"])
def test_crowd_does_not_get_exactly_the_seats_with_a_fault(
    connect: Connect, faults: tuple[str | Fault, ...]
) -> None:
    shop = Shop(connect)
    plant(shop, *faults)
    sale = sell_out(shop, clients=4)
    with pytest.raises(AssertionError):
        check_sold_out(sale)


def parties(shop: Shop) -> list[Any]:
    """Six seats are left, in six buckets: three parties want all of them, at once."""
    schedule = fill(shop, 6)
    answers = crowd([lambda c=c: c.reserve(schedule, 6) for c in shop.clients(3)])
    assert shop.seats(schedule) in (90, 96)
    return answers


def check_one_party_has_them(shop: Shop, answers: list[Any]) -> None:
    assert sorted(isinstance(answer, Refusal) for answer in answers) == [False, True, True]
    assert {answer for answer in answers if isinstance(answer, Refusal)} == {SOLD_OUT}
    assert_consistent(shop)


def test_one_of_three_parties_gets_the_last_six_seats_of_six_buckets(connect: Connect) -> None:
    shop = Shop(connect)
    check_one_party_has_them(shop, parties(shop))


@pytest.mark.parametrize(
    "fault",
    [
        NOT_GATHERED,
        Fault("ticketdb.gather_seats", r"perform ticketdb\.deal_seats\([^;]+;", ""),
    ],
    ids=["not gathered", "not dealt"],
)
def test_no_party_gets_seats_of_six_buckets_with_a_fault(connect: Connect, fault: Fault) -> None:
    shop = Shop(connect)
    plant(shop, fault)
    answers = parties(shop)
    with pytest.raises(AssertionError):
        check_one_party_has_them(shop, answers)


@dataclass
class Undecided:
    """What became of a party that waited for one of its seats, and is still in its transaction."""

    shop: Shop
    schedule: int
    waited: bool
    party: Client
    answer: Any


def wait_for_a_seat(shop: Shop, end: str) -> Undecided:
    schedule = fill(shop, 6)
    other, party = shop.clients(2)
    other.begin()
    assert other.reserve(schedule).quantity == 1
    party.begin()
    party.ask("savepoint before")
    party.start(party.reserve, schedule, 6)
    waited = shop.waits(party, on=other)
    other.ask(end)
    answer = party.finish()
    if isinstance(answer, Refusal):
        party.ask("rollback to savepoint before")
    return Undecided(shop, schedule, waited, party, answer)


def buckets_locked(shop: Shop, schedule: int) -> list[int]:
    """The buckets that somebody has locked just now, as one who does not wait finds them."""
    return shop.admin.ask(
        """
        with had as materialized (
            select b.bucket
            from ticketdb.seat_buckets as b
            where b.schedule_id = %s
            for no key update skip locked
        )
        select array(
            select b.bucket
            from ticketdb.seat_buckets as b
            where b.schedule_id = %s and b.bucket not in (select h.bucket from had as h)
            order by b.bucket
        ) as locked
        """,
        schedule,
        schedule,
    ).locked


def test_party_waits_for_a_seat_and_gets_it_when_the_other_gives_it_back(connect: Connect) -> None:
    end = wait_for_a_seat(Shop(connect), "rollback")
    assert end.waited
    assert end.answer.quantity == 6
    end.party.commit()
    assert end.shop.seats(end.schedule) == 96
    assert_consistent(end.shop)


def test_party_that_waited_in_vain_takes_nothing_and_keeps_no_lock(connect: Connect) -> None:
    end = wait_for_a_seat(Shop(connect), "commit")
    assert end.waited
    assert end.answer == SOLD_OUT
    assert buckets_locked(end.shop, end.schedule) == []
    assert end.shop.seats(end.schedule) == 91
    assert_consistent(end.shop)
    # those that it left are on sale, while it still is in its transaction
    assert end.shop.client().reserve(end.schedule, 5).quantity == 5
    end.party.commit()


def wait_in_vain(shop: Shop) -> tuple[bool, list[int], int]:
    """A buyer waits for the last seat of his own bucket in vain, and takes one of the other bucket."""
    schedule = fill(shop, 2)
    first, second = (client_of_bucket(shop, 0, 2) for _ in range(2))
    first.begin()
    first.reserve(schedule)
    second.begin()
    second.start(second.reserve, schedule)
    waited = shop.waits(second, on=first)
    first.commit()
    assert second.finish().quantity == 1
    locked = buckets_locked(shop, schedule)
    second.commit()
    return waited, locked, shop.seats(schedule)


def test_buyer_keeps_no_lock_on_a_bucket_in_which_he_waited_in_vain(connect: Connect) -> None:
    shop = Shop(connect)
    assert wait_in_vain(shop) == (True, [1], 32)
    assert_consistent(shop)


def test_buyer_keeps_a_lock_when_the_inner_transaction_is_not_rolled_back(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, Fault("ticketdb.hold_tickets", r"raise sqlstate 'TD001'", "null"))
    assert wait_in_vain(shop) == (True, [0, 1], 32)


@dataclass
class Meeting:
    """Two buyers, the first of whom has not committed."""

    shop: Shop
    waited: bool
    answers: list[Any]


def two_buyers(shop: Shop, buy: Callable[[Client, int], Any], same_bucket: bool) -> Meeting:
    schedule = shop.schedule(32)
    shop.admin.release(buy(shop.admin, schedule).reservation_id)
    first, second = client_of_bucket(shop, 0, 2), client_of_bucket(shop, 0 if same_bucket else 1, 2)
    first.begin()
    answers = [buy(first, schedule)]
    second.start(buy, second, schedule)
    waited = shop.waits(second, on=first)
    first.commit()
    answers.append(second.finish())
    return Meeting(shop, waited, answers)


@pytest.mark.parametrize("same_bucket", [False, True])
@pytest.mark.parametrize("by_type", [False, True])
def test_buyers_wait_for_each_other_in_the_same_bucket_only(
    connect: Connect, same_bucket: bool, by_type: bool
) -> None:
    shop = Shop(connect)
    kind = shop.ticket_type(32) if by_type else None
    meeting = two_buyers(shop, lambda client, s: client.reserve(s, ticket_type=kind), same_bucket)
    assert meeting.waited == same_bucket
    assert [answer.status for answer in meeting.answers] == ["held", "held"]
    assert_consistent(shop)


def test_first_buyers_of_an_occurrence_make_its_buckets_once(connect: Connect) -> None:
    shop = Shop(connect)
    kind = shop.ticket_type(50)
    for _ in range(5):
        schedule = shop.schedule(SEATS)
        clients = shop.clients(16)
        answers = crowd([lambda c=c, s=schedule: c.reserve(s, 3, ticket_type=kind) for c in clients])
        assert [answer.quantity for answer in answers] == [3] * 16
        for client in clients:
            client.connection.close()
    made = shop.admin.ask("select count(*)::int as buckets from ticketdb.seat_buckets").buckets
    assert made == 5 * 6 * 2
    assert_consistent(shop)
