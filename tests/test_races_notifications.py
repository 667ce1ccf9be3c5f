"""Several senders at one outbox: each message is claimed by one of them at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import BAD_ISOLATION, Client, Connect, Refusal, crowd
from race_shop import Shop

NO_LEASE = Fault("ticketdb.lease_notifications", r"for no key update skip locked", "")
ANY_LEASE = Fault(
    "ticketdb.settle_notification", r"and n\.lease_id = p_lease_id and n\.status = 'pending'", ""
)


def sales(shop: Shop, number: int) -> None:
    schedule = shop.schedule(1000)
    for turn in range(number):
        shop.admin.confirm(shop.admin.reserve(schedule).reservation_id, f"pay {turn}")


def claim(client: Client, limit: int = 10) -> list[Any]:
    """Ids and leases of the messages that the client got."""
    return client.connection.execute(
        "select c.notification_id, c.lease_id from public.claim_notifications(%s) as c", (limit,)
    ).fetchall()


def complete(client: Client, message: Any, error: str | None = None) -> Any:
    return client.ask("select * from public.complete_notification(%s, %s, %s)", *message, error)


def lapse(shop: Shop) -> None:
    shop.admin.ask(
        "update public.ticket_notifications set due_at = clock_timestamp() where status = 'pending'"
    )


def two_claims(shop: Shop) -> tuple[list[Any], list[Any]]:
    """What a second sender gets while the first has claimed and not committed."""
    sales(shop, 3)
    first, second = shop.clients(2)
    first.begin()
    one = claim(first)
    second.start(claim, second)
    shop.waits(second, on=first)
    first.commit()
    return one, second.finish()


def test_a_second_sender_gets_nothing_that_the_first_has_claimed(connect: Connect) -> None:
    one, other = two_claims(Shop(connect))
    assert (len(one), other) == (3, [])


def test_without_the_lock_two_senders_would_get_the_same(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_LEASE)
    one, other = two_claims(shop)
    assert {id for id, _ in one} & {id for id, _ in other}


def test_a_crowd_of_senders_sends_each_message_once(connect: Connect) -> None:
    shop = Shop(connect)
    sales(shop, 60)
    sent: list[list[int]] = []

    def work(client: Client) -> None:
        mine: list[int] = []
        while claimed := claim(client, 4):
            for message in claimed:
                assert complete(client, message).is_counted
                mine.append(message[0])
        sent.append(mine)

    crowd([lambda c=c: work(c) for c in shop.clients(6)])
    counts = Counter(id for mine in sent for id in mine)
    assert len(counts) == 60
    assert set(counts.values()) == {1}


def killed_sender(shop: Shop) -> tuple[Any, Any]:
    """A sender takes so long that its lease runs out, and another claims; both say that they have sent."""
    sales(shop, 1)
    slow, other = shop.clients(2)
    (held,) = claim(slow)
    assert claim(other) == []
    lapse(shop)
    (taken,) = claim(other)
    assert taken[0] == held[0]
    return complete(slow, held), complete(other, taken)


def test_a_killed_senders_message_is_sent_by_another_and_counted_once(connect: Connect) -> None:
    late, done = killed_sender(Shop(connect))
    assert (late.is_counted, done.is_counted, done.status) == (False, True, "sent")


def test_without_the_lease_the_late_sender_would_count_too(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, ANY_LEASE)
    late, _ = killed_sender(shop)
    assert late.is_counted


def test_a_claim_waits_for_no_sale_and_no_sale_for_a_claim(connect: Connect) -> None:
    shop = Shop(connect)
    sales(shop, 1)
    schedule = shop.schedule(5)
    buyer, sender = shop.clients(2)
    buyer.begin()
    buyer.confirm(buyer.reserve(schedule).reservation_id, "pay x")
    sender.begin()
    assert len(claim(sender)) == 1
    assert buyer.confirm(buyer.reserve(schedule).reservation_id, "pay y").status == "confirmed"
    buyer.commit()
    sender.commit()
    assert len(claim(sender)) == 2


def test_two_rounds_at_once_remind_once(connect: Connect) -> None:
    shop = Shop(connect)
    sales(shop, 5)
    # the occurrence of Shop is in a week
    shop.admin.ask("update public.event_definitions set reminder_before = '6 days 12 hours'")
    shop.admin.ask("update public.ticket_reservations set confirmed_at = now() - interval '9 days'")
    first, second = shop.hurried(), shop.hurried()
    first.begin()
    remind = "select public.run_maintenance(0) ->> 'reminders_queued' as queued"
    assert first.ask(remind).queued == "5"
    second.start(second.ask, remind)
    assert shop.waits(second, on=first)
    first.commit()
    assert second.finish().queued == "0"


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_claim_with_an_old_snapshot_is_refused(connect: Connect, level: str) -> None:
    client = Shop(connect).client()
    client.begin(level)
    answer = client.ask("select * from public.claim_notifications()")
    assert isinstance(answer, Refusal)
    assert answer == BAD_ISOLATION
