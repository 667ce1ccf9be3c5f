"""At repeatable read and serializable nothing is sold, and nobody is told to try again (40001)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import BAD_ISOLATION, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent

LEVELS = pytest.mark.parametrize("level", ["repeatable read", "serializable"])
NO_REFUSAL = Fault(
    "ticketdb.require_read_committed", r"current_setting\('transaction_isolation'\) not in", "'none' in"
)


def ask_with_an_old_snapshot(shop: Shop, level: str, schedule: int, action: Callable[[Client], Any]) -> Any:
    """What a client is told whose transaction began before somebody else bought."""
    client, other = shop.clients(2)
    client.begin(level)
    client.ask("select count(*) from public.event_schedules")
    other.reserve(schedule)
    answer = action(client)
    client.ask("rollback")
    return answer


def check_refused(shop: Shop, *answers: Any) -> None:
    assert [answer for answer in answers if answer != BAD_ISOLATION] == []
    assert_consistent(shop)


ACTIONS: dict[str, Callable[[Client, int, int], Any]] = {
    "reserve": lambda client, schedule, _: client.reserve(schedule),
    "confirm": lambda client, _, hold: client.confirm(hold, "pay-1"),
    "release": lambda client, _, hold: client.release(hold),
    "cancel": lambda client, _, hold: client.cancel(hold),
    "book": lambda client, schedule, _: client.book(schedule, "B-2"),
}


def act_with_an_old_snapshot(shop: Shop, level: str, name: str) -> Any:
    schedule = shop.schedule(5)
    hold = shop.admin.reserve(schedule).reservation_id
    return ask_with_an_old_snapshot(
        shop, level, schedule, lambda client: ACTIONS[name](client, schedule, hold)
    )


@LEVELS
@pytest.mark.parametrize("name", ACTIONS)
def test_selling_with_an_old_snapshot_is_refused(connect: Connect, level: str, name: str) -> None:
    shop = Shop(connect)
    check_refused(shop, act_with_an_old_snapshot(shop, level, name))


@LEVELS
@pytest.mark.parametrize("name", ACTIONS)
def test_selling_with_an_old_snapshot_ends_in_40001_without_the_refusal(
    connect: Connect, level: str, name: str
) -> None:
    shop = Shop(connect)
    plant(shop, NO_REFUSAL)
    answer = act_with_an_old_snapshot(shop, level, name)
    with pytest.raises(AssertionError):
        check_refused(shop, answer)
    assert answer.sqlstate == "40001"


@LEVELS
@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_booking_that_changes_with_an_old_snapshot_is_refused(
    connect: Connect, level: str, status: str
) -> None:
    shop = Shop(connect)
    schedule = shop.schedule(1)
    booking = shop.admin.book(schedule, "B-1").id
    shop.admin.ask("update public.ticket_reservations set expires_at = clock_timestamp()")
    # the other buyer takes over the lapsed hold, which is a row that the old snapshot sees as it was
    check_refused(
        shop,
        ask_with_an_old_snapshot(shop, level, schedule, lambda client: client.set_booking(booking, status)),
    )


def storm(shop: Shop) -> list[Any]:
    """Eight serializable clients ask for everything, beside eight that buy at read committed."""
    schedule = shop.schedule(40)
    hold = shop.admin.reserve(schedule).reservation_id

    def bystander(client: Client) -> list[Any]:
        for _ in range(10):
            client.reserve(schedule, 2)
        return []

    def ask(client: Client) -> list[Any]:
        client.ask("set default_transaction_isolation = 'serializable'")
        answers = []
        for number in range(3):
            answers.extend(action(client, schedule, hold) for action in list(ACTIONS.values())[:4])
            answers.append(client.book(schedule, f"B-{client.pid}-{number}"))
        return answers

    clients = shop.clients(16)
    actions = [lambda c=c, a=a: a(c) for c, a in zip(clients, [ask, bystander] * 8, strict=True)]
    return [answer for answers in crowd(actions) for answer in answers]


def test_storm_of_serializable_clients_is_refused_one_by_one(connect: Connect) -> None:
    shop = Shop(connect)
    check_refused(shop, *storm(shop))


def test_storm_of_serializable_clients_is_not_refused_without_the_refusal(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_REFUSAL)
    answers = storm(shop)
    with pytest.raises(AssertionError):
        check_refused(shop, *answers)
    assert any(isinstance(answer, Refusal) and answer.sqlstate == "40001" for answer in answers)


@LEVELS
def test_what_moves_no_seat_is_done_at_any_level(connect: Connect, level: str) -> None:
    """The application deletes a user who has an order."""
    connection = connect()
    user = connection.execute("insert into users (username) values ('gone') returning id").fetchone()[0]
    shop = Shop(connect)
    schedule = shop.schedule(1)
    connection.execute("select public.reserve_tickets(%s, p_user_id => %s)", (schedule, user))
    connection.execute(f"set default_transaction_isolation = '{level}'")
    connection.execute("delete from users where id = %s", (user,))
    assert_consistent(shop)
