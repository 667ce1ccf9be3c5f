"""Gates, batches and cancellations at once, under every admission policy."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from race_faults import Fault, plant
from race_helpers import BAD_ISOLATION, Client, Connect, crowd
from race_shop import Shop, check_no_deadlock

# policy: what two scans of a ticket are told, one after the other
POLICIES = {
    "once": ["admitted", "already_used"],
    "n_entries": ["admitted", "admitted", "already_used"],
    "once_a_day": ["admitted", "already_used"],
    "in_and_out": ["admitted", "exited", "admitted"],
}
MOMENT = "2031-03-01T10:00:00Z"
NO_LOCK = Fault("ticketdb.scan_ticket", "for no key update of t", "")


def shop_with(connect: Connect, policy: str) -> Shop:
    shop = Shop(connect)
    shop.admin.ask(
        "update public.event_definitions set admission_policy = %s, max_entries = %s where id = %s",
        policy, 2 if policy == "n_entries" else None, shop.event,
    )  # fmt: skip
    return shop


def sold(shop: Shop, quantity: int = 1) -> tuple[int, list[UUID]]:
    """A paid order, and the codes of its tickets."""
    hold = shop.admin.reserve(shop.schedule(quantity), quantity).reservation_id
    return hold, shop.admin.confirm(hold, f"pay {hold}").ticket_codes


def check_in(client: Client, code: UUID) -> Any:
    return client.ask("select * from public.check_in(%s, p_scanned_at => %s)", code, MOMENT)


def batch_of(codes: list[UUID]) -> str:
    """Scans of these tickets, made in this order."""
    return json.dumps(
        [
            {"ticket_code": str(code), "scan_id": str(uuid4()), "scanned_at": f"2031-03-01T10:{n:02}:00Z"}
            for n, code in enumerate(codes)
        ]
    )


def upload(client: Client, batch: str) -> Any:
    """The verdicts, in their order, or a refusal."""
    return client.ask(
        "select array_agg(b.result order by b.line) as results from public.check_in_batch(%s) as b", batch
    )


def hold_tickets(client: Client, *codes: UUID) -> None:
    client.ask(
        "select from public.event_tickets as t where t.ticket_code = any(%s) for no key update", list(codes)
    )


# -- two gates


def scan_at_two_gates(shop: Shop, code: UUID) -> tuple[bool, list[str]]:
    """Whether the second waited for the first to commit, and what both were told."""
    first, second = shop.clients(2)
    first.begin()
    told = check_in(first, code).result
    second.start(check_in, second, code)
    waited = shop.waits(second, on=first)
    first.commit()
    return waited, [told, second.finish().result]


@pytest.mark.parametrize("policy", POLICIES)
def test_two_gates_at_once_are_told_what_one_after_the_other_is(connect: Connect, policy: str) -> None:
    shop = shop_with(connect, policy)
    _, (code,) = sold(shop)
    expected = POLICIES[policy]
    waited, told = scan_at_two_gates(shop, code)
    assert waited
    assert told == expected[:2]
    assert [check_in(shop.admin, code).result for _ in expected[2:]] == expected[2:]


@pytest.mark.parametrize("policy", POLICIES)
def test_two_gates_at_once_are_both_told_the_same_without_the_lock(connect: Connect, policy: str) -> None:
    shop = shop_with(connect, policy)
    plant(shop, NO_LOCK)
    _, (code,) = sold(shop)
    if policy == "n_entries":
        check_in(shop.admin, code)
    _, told = scan_at_two_gates(shop, code)
    assert told == ["admitted", "admitted"]


@pytest.mark.parametrize("policy", POLICIES)
def test_many_gates_at_once_admit_as_often_as_the_policy_says(connect: Connect, policy: str) -> None:
    shop = shop_with(connect, policy)
    clients = shop.clients(12)
    _, (code,) = sold(shop)
    told = [answer.result for answer in crowd([lambda c=c: check_in(c, code) for c in clients])]
    admitted = {"once": 1, "n_entries": 2, "once_a_day": 1, "in_and_out": 6}[policy]
    assert told.count("admitted") == admitted
    assert told.count("exited") == (6 if policy == "in_and_out" else 0)


# -- batches


def test_batch_that_is_sent_twice_at_once_counts_once(connect: Connect) -> None:
    shop = Shop(connect)
    _, codes = sold(shop, 20)
    batch = batch_of(codes)
    answers = crowd([lambda c=c: upload(c, batch) for c in shop.clients(6)])
    assert [answer.results for answer in answers] == [["admitted"] * 20] * 6
    assert shop.admin.ask("select count(*) as n from public.ticket_check_ins").n == 20
    assert shop.admin.ask("select sum(p.scan_count) as n from public.program_participants as p").n == 20


def cross(shop: Shop) -> tuple[Any, Any]:
    """The answers to two batches that cross, each held up between two tickets that both scan."""
    _, (one, two, three, four) = sold(shop, 4)
    stop, first, second = shop.client(), shop.hurried(), shop.hurried()
    stop.begin()
    hold_tickets(stop, three, four)
    first.start(upload, first, batch_of([one, three, two]))
    assert shop.waits(first, on=stop)
    second.start(upload, second, batch_of([two, four, one]))
    assert shop.waits(second, on=stop)
    stop.commit()
    return first.finish(), second.finish()


def test_batches_that_cross_do_not_wait_in_a_circle(connect: Connect) -> None:
    shop = Shop(connect)
    answers = cross(shop)
    check_no_deadlock(shop, *answers)
    assert sorted(result for answer in answers for result in answer.results) == (
        ["admitted"] * 4 + ["already_used"] * 2
    )


def test_batches_that_cross_wait_in_a_circle_when_they_lock_as_they_go(connect: Connect) -> None:
    shop = Shop(connect)
    plant(
        shop,
        Fault("ticketdb.lock_scanned", r"begin\n    perform t\.id", "begin\n    return;\n    perform t.id"),
    )
    answers = cross(shop)
    with pytest.raises(AssertionError):
        check_no_deadlock(shop, *answers)


def cancel_amid_a_batch(shop: Shop) -> tuple[Any, Any]:
    """The answers to a cancellation that has locked some of its tickets, and to a batch."""
    hold, (one, two, three) = sold(shop, 3)
    stop, canceller, gate = shop.client(), shop.hurried(), shop.hurried()
    stop.begin()
    hold_tickets(stop, two)
    canceller.start(canceller.cancel, hold)
    assert shop.waits(canceller, on=stop)
    gate.start(upload, gate, batch_of([one, three]))
    assert shop.waits(gate, on=stop)
    stop.commit()
    return canceller.finish(), gate.finish()


def test_batch_and_cancellation_at_once_do_not_wait_in_a_circle(connect: Connect) -> None:
    shop = Shop(connect)
    cancelled, scanned = cancel_amid_a_batch(shop)
    check_no_deadlock(shop, cancelled, scanned)
    assert (cancelled.status, scanned.results) == ("cancelled", ["void", "void"])


def test_batch_and_cancellation_wait_in_a_circle_when_one_goes_the_other_way_round(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, Fault("ticketdb.undo_sales", r"order by t\.id\n", "order by t.id desc\n"))
    answers = cancel_amid_a_batch(shop)
    with pytest.raises(AssertionError):
        check_no_deadlock(shop, *answers)


def test_batches_in_opposite_order_do_not_wait_in_a_circle(connect: Connect) -> None:
    shop = Shop(connect)
    clients = [shop.hurried() for _ in range(4)]
    for _ in range(8):
        _, codes = sold(shop, 30)
        orders = [codes, codes[::-1], codes[15:] + codes[:15], codes[::2] + codes[1::2]]
        answers = crowd(
            [lambda c=c, o=o: upload(c, batch_of(o)) for c, o in zip(clients, orders, strict=True)]
        )
        check_no_deadlock(shop, *answers)
        told = [result for answer in answers for result in answer.results]
        assert (told.count("admitted"), told.count("already_used")) == (30, 90)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_batch_with_an_old_snapshot_is_refused(connect: Connect, level: str) -> None:
    shop = Shop(connect)
    _, codes = sold(shop)
    gate = shop.client()
    gate.begin(level)
    assert upload(gate, batch_of(codes)) == BAD_ISOLATION
    gate.rollback()
