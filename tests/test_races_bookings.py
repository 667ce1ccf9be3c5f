"""The application sells through its bookings while others sell through the functions."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import LOOK_THEN_WRITE, NO_GUARD, Fault, plant
from race_helpers import SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent

Buy = Callable[[Client, int], Any]


def book(client: Client, schedule: int) -> Any:
    return client.book(schedule, f"B-{client.pid}")


def reserve(client: Client, schedule: int) -> Any:
    return client.reserve(schedule)


@dataclass
class LastSeat:
    """What became of two who wanted one seat."""

    shop: Shop
    schedule: int
    waited: bool
    first: Any
    second: Any


def contend_for_the_last_seat(shop: Shop, first_buys: Buy, second_buys: Buy) -> LastSeat:
    schedule = shop.schedule(1)
    first, second = shop.clients(2)
    first.begin()
    answer = first_buys(first, schedule)
    second.start(second_buys, second, schedule)
    waited = shop.waits(second, on=first)
    first.commit()
    return LastSeat(shop, schedule, waited, answer, second.finish())


def check_first_has_it(race: LastSeat) -> None:
    assert race.waited
    assert not isinstance(race.first, Refusal)
    assert race.second == SOLD_OUT
    assert race.shop.seats(race.schedule) == 1
    assert_consistent(race.shop)


PAIRS = pytest.mark.parametrize(
    ("first", "second"), [(book, reserve), (reserve, book), (book, book)], ids=lambda buy: buy.__name__
)


@PAIRS
def test_booking_and_reservation_contend_for_the_last_seat(connect: Connect, first: Buy, second: Buy) -> None:
    check_first_has_it(contend_for_the_last_seat(Shop(connect), first, second))


@PAIRS
def test_booking_and_reservation_share_the_last_seat_without_the_guard(
    connect: Connect, first: Buy, second: Buy
) -> None:
    shop = Shop(connect)
    plant(shop, *NO_GUARD)
    race = contend_for_the_last_seat(shop, first, second)
    with pytest.raises(AssertionError):
        check_first_has_it(race)


@dataclass
class Overtaken:
    """A booking that was paid while somebody else took its lapsed seat."""

    shop: Shop
    reservation: int
    waited: bool
    booking: Any


def pay_a_booking_whose_seat_is_being_taken(shop: Shop) -> Overtaken:
    schedule = shop.schedule(1)
    booking = shop.admin.book(schedule, "B-1").id
    reservation = shop.admin.ask("select r.id from public.ticket_reservations as r").id
    shop.lapse(reservation)
    buyer, application = shop.clients(2)
    buyer.begin()
    buyer.reserve(schedule)
    application.start(application.set_booking, booking, "paid")
    waited = shop.waits(application, on=buyer)
    buyer.commit()
    return Overtaken(shop, reservation, waited, application.finish())


def check_booking_is_paid_and_due_back(race: Overtaken) -> None:
    assert race.waited
    assert not isinstance(race.booking, Refusal)
    status = race.shop.admin.ask("select b.status from public.bookings as b").status
    assert (status, race.shop.status(race.reservation)) == ("paid", "refund_due")
    assert race.shop.payments(race.reservation) == [("booking B-1", 100)]
    assert_consistent(race.shop)


def test_payment_of_a_booking_whose_seat_is_gone_succeeds_and_is_due_back(connect: Connect) -> None:
    check_booking_is_paid_and_due_back(pay_a_booking_whose_seat_is_being_taken(Shop(connect)))


def test_payment_of_a_booking_whose_seat_is_gone_oversells_without_look_and_guard(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        *NO_GUARD,
        Fault(
            "ticketdb.free_seats",
            r"b\.free >= p_quantity and coalesce\(b\.free_of_type, b\.free\) >= p_quantity",
            "true",
        ),
        Fault("ticketdb.try_bucket", r"and b\.held \+ b\.sold \+ p_quantity <= b\.capacity", ""),
    )
    race = pay_a_booking_whose_seat_is_being_taken(shop)
    with pytest.raises(AssertionError):
        check_booking_is_paid_and_due_back(race)


STORM_SEATS = 8


@dataclass
class Storm:
    """What became of eight applications and eight buyers, and how many seats were ever gone."""

    shop: Shop
    answers: list[Any]
    most_seats: int


def storm(shop: Shop) -> Storm:
    """Eight applications book and eight clients reserve; all pay, change and give up at random."""
    schedule = shop.schedule(STORM_SEATS)
    seats = []

    def application(client: Client, chance: random.Random) -> list[Any]:
        answers = []
        for number in range(4):
            booking = client.book(schedule, f"B-{client.pid}-{number}", attendees=chance.randint(1, 3))
            answers.append(booking)
            if isinstance(booking, Refusal):
                continue
            seats.append(shop.seats(schedule))
            answers.extend(
                client.set_booking(booking.id, status, chance.randint(1, 3))
                for status in chance.sample(["paid", "cancelled", "pending", "completed"], k=2)
            )
        return answers

    def buyer(client: Client, chance: random.Random) -> list[Any]:
        answers = []
        for number in range(4):
            held = client.reserve(schedule, chance.randint(1, 3))
            answers.append(held)
            if isinstance(held, Refusal):
                continue
            seats.append(shop.seats(schedule))
            answers.append(client.confirm(held.reservation_id, f"pay-{client.pid}-{number}"))
            if chance.random() < 0.5:
                answers.append(client.cancel(held.reservation_id))
        return answers

    def work(turn: int, client: Client) -> list[Any]:
        return (application if turn % 2 else buyer)(client, random.Random(turn))

    clients = shop.clients(16)
    actions = [lambda t=t, c=c: work(t, c) for t, c in enumerate(clients)]
    answers = [answer for answers in crowd(actions) for answer in answers]
    return Storm(shop, answers, max(seats))


def check_storm(race: Storm) -> None:
    assert race.most_seats <= STORM_SEATS
    assert {answer for answer in race.answers if isinstance(answer, Refusal)} == {SOLD_OUT}
    assert_consistent(race.shop)


def test_bookings_and_reservations_at_once_never_oversell(connect: Connect) -> None:
    check_storm(storm(Shop(connect)))


def test_bookings_and_reservations_at_once_oversell_when_they_look_then_write(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, *LOOK_THEN_WRITE)
    race = storm(shop)
    with pytest.raises(AssertionError):
        check_storm(race)
    assert race.most_seats > STORM_SEATS
