"""The asynchronous client: what is told apart from the synchronous one, of which the other tests speak."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from factories import NEXT_WEEK, counters, define, schedule, value
from psycopg import AsyncConnection

from ticketdb import AsyncTicketDB, NotInstalled, Retry, SoldOut, _statements

Connect = Callable[..., psycopg.Connection]


def reservations(admin: psycopg.Connection) -> int:
    return value(admin, "select count(*) from public.ticket_reservations")


def test_a_sale_goes_from_hold_to_tickets_to_cancellation(db: str, connect: Connect) -> None:
    event = define(connect())

    async def main() -> None:
        async with AsyncTicketDB(db) as client:
            last = NEXT_WEEK + timedelta(days=1)
            assert await client.generate_recurring_schedules(event, NEXT_WEEK, last) == 2
            first, second = [row.schedule_id async for row in client.event_availability("yoga")]
            held = await client.reserve_tickets(first, 2, idempotency_key="order-1")
            paid = await client.confirm_reservation(
                held.reservation_id, "pay-1", held.total_amount, [{"name": "Asha"}, {"name": "Ravi"}]
            )
            assert len(paid.ticket_codes) == 2
            assert [row.name async for row in client.schedule_participants(first)] == ["Asha", "Ravi"]
            assert (await client.check_in(paid.ticket_codes[0])).result == "admitted"
            assert (await client.cancel_reservation(held.reservation_id)).refund_due == Decimal(200)
            passes = await client.reserve_series(event, NEXT_WEEK, last)
            assert [row.schedule_id for row in passes] == [first, second]
            with pytest.raises(SoldOut) as caught:
                await client.reserve_tickets(second, 5)
            assert caught.value.available == 4
            assert await client.verify_inventory() == []
        assert client.connection.closed

    asyncio.run(main())


def test_the_callers_transaction_is_his(db: str, connect: Connect) -> None:
    admin = connect()
    class_ = schedule(admin)

    async def main() -> None:
        async with await AsyncConnection.connect(db) as mine:
            client = AsyncTicketDB(mine)
            with pytest.raises(SoldOut):
                await client.reserve_tickets(class_, 6)
            await client.reserve_tickets(class_, 2)
            with pytest.raises(SoldOut):
                await client.reserve_tickets(class_, 4)
            assert reservations(admin) == 0
            await mine.commit()
            assert reservations(admin) == 1
            await client.reserve_tickets(class_)
            await mine.rollback()
            await client.close()
            assert not mine.closed

    asyncio.run(main())
    assert counters(admin, class_) == (3, 2, 0)


def test_tasks_that_share_a_connection_do_not_share_a_transaction(db: str, connect: Connect) -> None:
    """A refused call takes no other with it, even where the client has to begin transactions itself."""
    admin = connect()
    class_ = schedule(admin)
    admin.execute(
        f"alter database \"{admin.info.dbname}\" set default_transaction_isolation = 'serializable'"
    )

    async def main() -> int:
        async with AsyncTicketDB(db) as client:

            async def buy(number: int) -> int:
                try:
                    return (await client.reserve_tickets(class_, 6 if number % 2 else 1)).quantity
                except SoldOut:
                    return 0

            return sum(await asyncio.gather(*map(buy, range(30))))

    assert asyncio.run(main()) == 5
    assert counters(connect(), class_) == (0, 5, 0)


def test_a_cancelled_task_leaves_the_client_usable(db: str, connect: Connect) -> None:
    admin = connect()
    class_ = schedule(admin)
    blocker = connect(autocommit=False)
    blocker.execute("lock table public.ticket_reservations")

    async def main() -> None:
        async with AsyncTicketDB(db) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.reserve_tickets(class_), 0.2)
            blocker.rollback()
            assert (await client.reserve_tickets(class_, 5)).quantity == 5

    asyncio.run(main())
    assert counters(admin, class_) == (0, 5, 0)


def test_a_call_with_a_key_survives_the_loss_of_the_connection(db: str, connect: Connect) -> None:
    admin = connect()
    class_ = schedule(admin)

    async def main() -> None:
        async with AsyncTicketDB(db, retry=Retry(first_pause=0.001)) as client:
            for key in ("order-1", None):
                pid = client.connection.info.backend_pid
                admin.execute("select pg_terminate_backend(%s)", (pid,))
                if key is None:
                    with pytest.raises(psycopg.OperationalError):
                        await client.reserve_tickets(class_, idempotency_key=key)
                else:
                    await client.reserve_tickets(class_, idempotency_key=key)

    asyncio.run(main())
    assert reservations(admin) == 1


def test_large_results_come_page_by_page(db: str, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_statements, "PAGE", 2)
    classes = [schedule(connect()) for _ in range(5)]

    async def main() -> list[int]:
        async with AsyncTicketDB(db) as client:
            return [
                (await client.reserve_tickets(row.schedule_id)).schedule_id
                async for row in client.event_availability()
            ]

    assert asyncio.run(main()) == classes


def test_a_database_without_ticketdb_is_told_when_the_client_connects(empty_db: str) -> None:
    async def main() -> None:
        with pytest.raises(NotInstalled):
            async with AsyncTicketDB(empty_db):
                pass
        async with await AsyncConnection.connect(empty_db) as mine:
            with pytest.raises(NotInstalled):
                await AsyncTicketDB(mine).check_schema()

    asyncio.run(main())


def test_a_connection_of_the_other_kind_is_refused_at_once(tx: psycopg.Connection) -> None:
    with pytest.raises(TypeError):
        AsyncTicketDB(tx)  # type: ignore[arg-type]
