"""Passes that are used, paid, renewed and cancelled by two at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from race_faults import NO_ROW_LOCKS, Fault, plant
from race_helpers import Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent, check_no_deadlock

NOT_VALID = Refusal("PT409", "pass_not_valid")
MOVE = "select status from public.move_reservation(%s, %s)"
PLACE_FIRST = Fault("ticketdb.lock_pass_of", r"and r\.origin = 'pass'", "and false")
MOVE_UNLOCKED = Fault("ticketdb.move_sale", r"and r\.pass_id is not null", "and false")
NO_VISIT_LIMIT = "alter table public.event_passes drop constraint visits_used_within_visits"


class Held(NamedTuple):
    """A pass of a shop's event."""

    shop: Shop
    id: int

    def row(self) -> Any:
        return self.shop.admin.ask("select * from public.event_passes where id = %s", self.id)


def held_pass(shop: Shop, *, visits: int | None = 1, renews: bool = False) -> Held:
    """A pass for 100 that is to be paid: for so many visits, or for every occurrence there is."""
    type_id = shop.admin.ask(
        """
        insert into public.pass_types (event_definition_id, name, kind, visits, valid_for, price)
        values (
            %s, gen_random_uuid(), case when %s::int is null then 'monthly' else 'visits' end, %s, '60 days',
            100
        )
        returning id
        """,
        shop.event, visits, visits,
    ).id  # fmt: skip
    bought = shop.admin.ask(
        "select pass_id from public.buy_pass(%s, current_date + 1, p_renews => %s)", type_id, renews
    )
    return Held(shop, bought.pass_id)


def sold_pass(shop: Shop, **options: Any) -> Held:
    held = held_pass(shop, **options)
    assert confirm(shop.admin, held, f"pass {held.id}").status == "active"
    return held


def confirm(client: Client, held: Held, reference: str) -> Any:
    return client.ask("select status, refund_due from public.confirm_pass(%s, %s)", held.id, reference)


def redeem(client: Client, held: Held, schedule: int) -> Any:
    return client.ask("select * from public.redeem_pass(%s, %s)", held.id, schedule)


def cancel(client: Client, held: Held) -> Any:
    return client.ask("select status, refund_due from public.cancel_pass(%s)", held.id)


def give_back(client: Client, reservation: int) -> Any:
    return client.ask("select status from public.return_visit(%s)", reservation)


def renew(client: Client) -> Any:
    return client.ask("select ticketdb.renew_passes(10) as renewed")


def live_places(held: Held) -> int:
    return held.shop.admin.ask(
        """
        select count(*) as places
        from public.ticket_reservations as r
        where r.pass_id = %s and r.status in ('held', 'confirmed')
        """,
        held.id,
    ).places


def one_behind_the_other(shop: Shop, first: Any, second: Any) -> tuple[Any, Any]:
    """The answers to two, of whom the second comes while the first has done all but commit."""
    one, other = shop.client(), shop.client()
    one.begin()
    answer = first(one)
    other.start(second, other)
    shop.waits(other, on=one)
    one.commit()
    return answer, other.finish()


# -- the last visit


def race_for_the_last_visit(shop: Shop) -> None:
    held, monday, tuesday = sold_pass(shop), shop.schedule(5), shop.schedule(5)
    first, second = one_behind_the_other(
        shop, lambda c: redeem(c, held, monday), lambda c: redeem(c, held, tuesday)
    )
    assert (first.status, first.visits_left) == ("confirmed", 0)
    assert second == NOT_VALID
    assert live_places(held) == held.row().visits_used == 1
    assert_consistent(shop)


def test_last_visit_is_redeemed_once(connect: Connect) -> None:
    race_for_the_last_visit(Shop(connect))


def test_last_visit_is_redeemed_twice_without_lock_and_constraint(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS, NO_VISIT_LIMIT)
    with pytest.raises(AssertionError):
        race_for_the_last_visit(shop)


def test_one_occurrence_redeemed_by_many_at_once_is_one_visit(connect: Connect) -> None:
    shop = Shop(connect)
    held, day = sold_pass(shop, visits=5), shop.schedule(20)
    answers = crowd([lambda c=c: redeem(c, held, day) for c in shop.clients(12)])
    assert answers == [answers[0]] * 12
    assert live_places(held) == held.row().visits_used == 1
    assert_consistent(shop)


# -- paying


def pay_one_thing_twice(shop: Shop) -> None:
    shop.schedule(5)
    held = held_pass(shop, visits=None)
    first, second = one_behind_the_other(
        shop, lambda c: confirm(c, held, "pay-1"), lambda c: confirm(c, held, "pay-1")
    )
    assert first == second == ("active", 0)
    assert live_places(held) == 1
    assert_consistent(shop)


def pay_by_two_ways(shop: Shop) -> None:
    held = held_pass(shop)
    first, second = one_behind_the_other(
        shop, lambda c: confirm(c, held, "pay-1"), lambda c: confirm(c, held, "pay-2")
    )
    assert (first, second) == (("active", 0), ("refund_due", 100))


@pytest.mark.parametrize("race", [pay_one_thing_twice, pay_by_two_ways])
def test_two_payments_at_once_pay_a_pass_once(connect: Connect, race: Any) -> None:
    race(Shop(connect))


@pytest.mark.parametrize("race", [pay_one_thing_twice, pay_by_two_ways])
def test_two_payments_at_once_are_told_wrongly_without_row_locks(connect: Connect, race: Any) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS)
    with pytest.raises(AssertionError):
        race(shop)


# -- cancelling


def redeem_what_is_being_cancelled(shop: Shop) -> None:
    held, day = sold_pass(shop), shop.schedule(5)
    first, second = one_behind_the_other(shop, lambda c: cancel(c, held), lambda c: redeem(c, held, day))
    assert (first.status, first.refund_due) == ("cancelled", 100)
    assert second == NOT_VALID
    assert_consistent(shop)


def test_pass_that_is_being_cancelled_gets_no_place(connect: Connect) -> None:
    redeem_what_is_being_cancelled(Shop(connect))


def test_cancelled_pass_gets_a_place_without_row_locks(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS)
    with pytest.raises(AssertionError):
        redeem_what_is_being_cancelled(shop)


def test_place_that_came_just_before_the_cancellation_goes_with_it(connect: Connect) -> None:
    shop = Shop(connect)
    held, day = sold_pass(shop), shop.schedule(5)
    first, second = one_behind_the_other(shop, lambda c: redeem(c, held, day), lambda c: cancel(c, held))
    assert (first.status, second.status, second.refund_due) == ("confirmed", "cancelled", 100)
    assert (live_places(held), shop.seats(day)) == (0, 0)
    assert_consistent(shop)


def cancel_a_pass_and_its_place(shop: Shop) -> list[Any]:
    held, day = sold_pass(shop), shop.schedule(5)
    place = redeem(shop.admin, held, day).reservation_id
    gate, whole, single = shop.client(), shop.hurried(), shop.hurried()
    gate.begin()
    gate.ask("select from public.event_passes where id = %s for update", held.id)
    whole.start(cancel, whole, held)
    assert shop.waits(whole, on=gate)
    single.start(Client.cancel, single, place)
    assert shop.waits(single, on=gate)
    gate.rollback()
    return [whole.finish(), single.finish()]


def test_pass_and_its_place_are_cancelled_in_one_order(connect: Connect) -> None:
    shop = Shop(connect)
    check_no_deadlock(shop, *cancel_a_pass_and_its_place(shop))


def test_pass_and_its_place_wait_in_a_circle_when_the_place_comes_first(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, PLACE_FIRST)
    answers = cancel_a_pass_and_its_place(shop)
    with pytest.raises(AssertionError):
        check_no_deadlock(shop, *answers)


# -- moving


def two_places(shop: Shop) -> tuple[Held, list[int]]:
    """A pass that has used both its visits, and these."""
    held = sold_pass(shop, visits=2)
    return held, [redeem(shop.admin, held, shop.schedule(5)).reservation_id for _ in range(2)]


def two_imported_places(shop: Shop) -> tuple[Held, list[int]]:
    """A pass as link_legacy_data makes it, and its places."""
    for _ in range(2):
        shop.schedule(5)
    held = sold_pass(shop, visits=None)
    shop.admin.ask("update public.event_passes set origin = 'legacy', pass_type_id = null")
    shop.admin.ask("update public.ticket_reservations set origin = 'legacy'")
    found = shop.admin.ask("select array_agg(r.id order by r.id) as ids from public.ticket_reservations as r")
    return held, found.ids


def move_two_places_to_one_day(shop: Shop, held: Held, seats: list[int]) -> None:
    day = shop.schedule(5)
    first, second = one_behind_the_other(
        shop, *[lambda c, seat=seat: c.ask(MOVE, seat, day) for seat in seats]
    )
    assert (first.status, second) == ("confirmed", NOT_VALID)
    assert (live_places(held), shop.seats(day)) == (2, 1)
    assert_consistent(shop)


@pytest.mark.parametrize("places", [two_places, two_imported_places])
def test_two_places_of_a_pass_do_not_move_to_one_occurrence(connect: Connect, places: Any) -> None:
    shop = Shop(connect)
    move_two_places_to_one_day(shop, *places(shop))


@pytest.mark.parametrize("places", [two_places, two_imported_places])
def test_second_place_breaks_an_index_where_the_pass_is_not_locked(connect: Connect, places: Any) -> None:
    shop = Shop(connect)
    plant(shop, MOVE_UNLOCKED)
    with pytest.raises(AssertionError):
        move_two_places_to_one_day(shop, *places(shop))


# -- renewing


def renew_by_two(shop: Shop) -> None:
    held = sold_pass(shop, renews=True)
    shop.admin.ask("update public.event_passes set starts_on = current_date, ends_on = current_date + 1")
    first, second = one_behind_the_other(shop, renew, renew)
    assert first.renewed + second.renewed == 1
    assert shop.admin.ask(
        "select count(*) as passes from public.event_passes where renewed_from = %s", held.id
    ) == (1,)
    assert renew(shop.admin).renewed == 0
    assert_consistent(shop)


def test_two_rounds_at_once_renew_a_pass_once(connect: Connect) -> None:
    renew_by_two(Shop(connect))


def test_constraint_alone_keeps_a_pass_from_being_renewed_twice(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS)
    renew_by_two(shop)


def test_pass_is_renewed_twice_without_lock_and_constraint(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_ROW_LOCKS, "alter table public.event_passes drop constraint pass_renewed_once")
    with pytest.raises(AssertionError):
        renew_by_two(shop)


def test_round_leaves_a_pass_whose_seats_somebody_holds_to_the_next(connect: Connect) -> None:
    shop = Shop(connect)
    day = shop.schedule(1)
    held = sold_pass(shop, visits=None, renews=True)
    shop.admin.ask("select public.cancel_reservation(r.id) from public.ticket_reservations as r")
    shop.admin.ask("update public.event_passes set starts_on = current_date, ends_on = current_date + 1")
    buyer = shop.client()
    buyer.begin()
    buyer.reserve(day)
    assert renew(shop.admin).renewed == 0
    assert held.row().renews
    buyer.rollback()
    assert renew(shop.admin).renewed == 1
    assert_consistent(shop)


# -- everything


def test_passes_are_used_in_every_way_at_once(connect: Connect) -> None:
    shop = Shop(connect)
    days = [shop.schedule(6) for _ in range(4)]
    passes = [sold_pass(shop, visits=3, renews=True) for _ in range(3)]
    passes.append(sold_pass(shop, visits=None))
    clients = [shop.hurried() for _ in range(12)]
    answers: list[Any] = []
    first = shop.admin.ask("select current_date + 8 as day").day

    def use(client: Client, number: int) -> list[Any]:
        held, day = passes[number % 4], days[number % 3]
        seen = [redeem(client, held, day)]
        if not isinstance(seen[0], Refusal):
            seen.append(give_back(client, seen[0].reservation_id))
        seen.append(redeem(client, held, days[(number + 1) % 4]))
        if number % 4 == 0:
            seen.append(client.ask("select from public.pause_pass(%s, %s, %s)", held.id, first, first))
        if number % 4 == 1:
            seen.append(renew(client))
        if number % 4 == 2:
            bought = client.reserve(day)
            if not isinstance(bought, Refusal):
                seen.append(client.confirm(bought.reservation_id, f"single {bought.reservation_id}"))
        return seen

    for turn in range(3):
        for seen in crowd([lambda c=c, n=n + turn: use(c, n) for n, c in enumerate(clients)]):
            answers += seen
    answers += crowd([lambda c=c, p=p: cancel(c, p) for c, p in zip(clients, passes * 2, strict=False)])
    check_no_deadlock(shop, *answers)
