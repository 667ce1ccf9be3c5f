"""One ticket at two gates at once, one scan sent many times, and a sale that is cancelled at the door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from race_faults import Fault, plant
from race_helpers import BAD_ISOLATION, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent, check_no_deadlock

SCAN_REUSED = Refusal("PT409", "idempotency_key_reused")


def sold(shop: Shop, quantity: int = 1) -> tuple[int, list[UUID]]:
    """A paid order, and the codes of its tickets."""
    hold = shop.admin.reserve(shop.schedule(quantity), quantity).reservation_id
    return hold, shop.admin.confirm(hold, f"pay {hold}").ticket_codes


def check_in(client: Client, code: UUID, scan: UUID | None = None) -> Any:
    return client.ask("select * from public.check_in(%s, p_scan_id => %s)", code, scan)


def on_record(shop: Shop) -> list[tuple[str, int]]:
    """How many scans of each result there are."""
    return shop.admin.connection.execute(
        "select c.result, count(*)::int from public.ticket_check_ins as c group by c.result order by c.result"
    ).fetchall()


# -- two gates


@dataclass
class TwoGates:
    """What two gates were told of one ticket, of which the first had not yet committed."""

    shop: Shop
    waited: bool
    first: Any
    second: Any


def scan_at_two_gates(
    shop: Shop, *, end: str = "commit", scans: tuple[UUID | None, ...] = (None, None)
) -> TwoGates:
    _, (code,) = sold(shop)
    first, second = shop.clients(2)
    first.begin()
    answer = check_in(first, code, scans[0])
    second.start(check_in, second, code, scans[1])
    waited = shop.waits(second, on=first)
    first.ask(end)
    return TwoGates(shop, waited, answer, second.finish())


def check_one_is_admitted(race: TwoGates) -> None:
    assert race.waited
    assert (race.first.result, race.second.result) == ("admitted", "already_used")
    assert race.second.first_scanned_at == race.first.first_scanned_at
    assert (race.first.scan_count, race.second.scan_count) == (1, 2)
    assert on_record(race.shop) == [("admitted", 1), ("already_used", 1)]


def test_ticket_at_two_gates_at_once_admits_one(connect: Connect) -> None:
    check_one_is_admitted(scan_at_two_gates(Shop(connect)))


def test_ticket_at_two_gates_at_once_admits_two_when_it_is_not_locked(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, Fault("ticketdb.scan_ticket", "for no key update of t", ""))
    race = scan_at_two_gates(shop)
    with pytest.raises(AssertionError):
        check_one_is_admitted(race)
    assert on_record(shop) == [("admitted", 2)]


def test_second_gate_admits_when_the_scan_at_the_first_is_lost(connect: Connect) -> None:
    race = scan_at_two_gates(Shop(connect), end="rollback")
    assert race.waited
    assert (race.second.result, race.second.scan_count) == ("admitted", 1)
    assert on_record(race.shop) == [("admitted", 1)]


def test_many_gates_at_once_admit_each_ticket_once(connect: Connect) -> None:
    shop = Shop(connect)
    _, codes = sold(shop, 5)
    clients = shop.clients(16)
    for code in codes:
        answers = crowd([lambda c=c, code=code: check_in(c, code) for c in clients])
        assert sorted(answer.result for answer in answers) == ["admitted"] + ["already_used"] * 15
        assert sorted(answer.scan_count for answer in answers) == list(range(1, 17))
    came = "select p.scan_count, p.is_verified from public.program_participants as p"
    assert shop.admin.ask(came) == (5, True)


# -- one scan


def test_scan_that_is_sent_twice_at_once_is_one(connect: Connect) -> None:
    scan = uuid4()
    race = scan_at_two_gates(Shop(connect), scans=(scan, scan))
    assert race.waited
    assert race.first.result == "admitted"
    assert race.second == race.first
    assert on_record(race.shop) == [("admitted", 1)]


def test_scan_that_is_sent_by_many_at_once_is_one(connect: Connect) -> None:
    shop = Shop(connect)
    clients = shop.clients(16)
    for _ in range(5):
        _, (code,) = sold(shop)
        scan = uuid4()
        answers = crowd([lambda c=c, code=code, scan=scan: check_in(c, code, scan) for c in clients])
        assert answers[0].result == "admitted"
        assert answers == [answers[0]] * 16
    assert on_record(shop) == [("admitted", 5)]


def test_one_scan_of_two_tickets_at_once_is_refused_like_one_after_the_other(connect: Connect) -> None:
    shop = Shop(connect)
    _, (one, other) = sold(shop, 2)
    first, second = shop.clients(2)
    scan = uuid4()
    first.begin()
    assert check_in(first, one, scan).result == "admitted"
    second.start(check_in, second, other, scan)
    assert shop.waits(second, on=first)
    first.commit()
    assert second.finish() == SCAN_REUSED
    assert on_record(shop) == [("admitted", 1)]


# -- a sale that is cancelled at the door


def test_scan_of_a_ticket_that_is_being_cancelled_waits_and_is_void(connect: Connect) -> None:
    shop = Shop(connect)
    hold, (code,) = sold(shop)
    canceller, gate = shop.hurried(), shop.hurried()
    canceller.begin()
    assert canceller.cancel(hold).status == "cancelled"
    gate.start(check_in, gate, code)
    assert shop.waits(gate, on=canceller)
    canceller.commit()
    assert gate.finish().result == "void"
    assert_consistent(shop)


def test_cancellation_of_a_ticket_that_is_being_scanned_waits(connect: Connect) -> None:
    shop = Shop(connect)
    hold, (code,) = sold(shop)
    canceller, gate = shop.hurried(), shop.hurried()
    gate.begin()
    assert check_in(gate, code).result == "admitted"
    canceller.start(canceller.cancel, hold)
    assert shop.waits(canceller, on=gate)
    gate.commit()
    assert canceller.finish().status == "cancelled"
    assert check_in(gate, code).result == "void"
    assert_consistent(shop)


# The gate is slow between the ticket and the participant: there the application has a trigger, which comes
# before row locks.
SLOW_APPLICATION = """
create function public.dawdle() returns trigger language plpgsql as $$
begin
    if current_setting('test.dawdles', true) = 'on' then
        perform pg_advisory_xact_lock(1);
    end if;
    return null;
end
$$;
create trigger dawdle before update on public.program_participants
for each statement execute function public.dawdle();
"""


def cancel_amid_a_scan(shop: Shop) -> tuple[Any, Any]:
    """The answers to a scan that has locked its ticket and not yet its participant, and to a cancellation."""
    shop.admin.ask(SLOW_APPLICATION)
    hold, (code, _) = sold(shop, 2)
    stop, gate, canceller = shop.client(), shop.hurried(), shop.hurried()
    gate.ask("set test.dawdles = 'on'")
    stop.begin()
    stop.ask("select pg_advisory_xact_lock(1)")
    gate.start(check_in, gate, code)
    assert shop.waits(gate, on=stop)
    canceller.start(canceller.cancel, hold)
    assert shop.waits(canceller, on=gate)
    stop.commit()
    return gate.finish(), canceller.finish()


def test_scan_and_cancellation_at_once_do_not_wait_in_a_circle(connect: Connect) -> None:
    shop = Shop(connect)
    scanned, cancelled = cancel_amid_a_scan(shop)
    check_no_deadlock(shop, scanned, cancelled)
    assert (scanned.result, cancelled.status) == ("admitted", "cancelled")


def test_scan_and_cancellation_wait_in_a_circle_when_one_goes_the_other_way_round(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        Fault(
            "ticketdb.undo_sales",
            r"perform t\.id",
            r"perform ticketdb.deactivate_participants(p_reservation_ids); \g<0>",
        ),
        # which passes over those who still have a valid ticket
        Fault("ticketdb.deactivate_participants", "and not exists", "and true or not exists"),
    )
    answers = cancel_amid_a_scan(shop)
    with pytest.raises(AssertionError):
        check_no_deadlock(shop, *answers)


def test_many_scans_and_cancellations_at_once_do_not_wait_in_a_circle(connect: Connect) -> None:
    shop = Shop(connect)
    gates, canceller = [shop.hurried() for _ in range(7)], shop.hurried()
    for _ in range(10):
        hold, codes = sold(shop, 3)
        scans = [lambda c=c, code=codes[n % 3]: check_in(c, code) for n, c in enumerate(gates)]
        *scanned, cancelled = crowd([*scans, lambda hold=hold: canceller.cancel(hold)])
        check_no_deadlock(shop, cancelled, *scanned)
        assert {answer.result for answer in scanned} <= {"admitted", "already_used", "void"}
        assert [check_in(gates[0], code).result for code in codes] == ["void"] * 3


# -- isolation


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_scan_with_an_old_snapshot_is_not_told_to_try_again_for_ever(connect: Connect, level: str) -> None:
    shop = Shop(connect)
    _, (code,) = sold(shop)
    gate = shop.client()
    gate.begin(level)
    gate.ask("select count(*) from public.event_tickets")
    assert check_in(shop.admin, code).result == "admitted"
    assert check_in(gate, code) == BAD_ISOLATION
    gate.rollback()
