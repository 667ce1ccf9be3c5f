"""Passes over HTTP and from Python."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import psycopg
import pytest
from factories import rows, user
from house import House
from pass_helpers import DAY, START, occurrence, pass_type, visits_type
from postgrest import assert_refused

from ticketdb import AsyncTicketDB, NotFound, PassNotFound, PassNotValid, SoldOut, TicketDB

Connect = Callable[..., psycopg.Connection]


def test_buyer_and_payment_server_sell_and_use_a_pass_over_http(house: House) -> None:
    type_id = visits_type(house.shop)
    day = occurrence(house.shop, type_id, START)
    asha = user(house.shop)
    buyer, payment, stranger = house.buyer(asha), house.payment_server(), house.buyer()
    (offer,) = house.visitor().get("/pass_types?select=id,name,kind,visits,price").body
    assert (offer["id"], offer["price"]) == (type_id, 300)
    order = {"p_pass_type_id": type_id, "p_starts_on": str(START), "p_idempotency_key": "order-1"}
    bought = buyer.post("/rpc/buy_pass", order).body
    assert (bought["status"], bought["visits_left"]) == ("held", 0)
    assert buyer.post("/rpc/buy_pass", order).body == bought
    assert (
        buyer.post("/rpc/confirm_pass", {"p_pass_id": bought["pass_id"], "p_payment_reference": "x"}).status
        == 403
    )
    paid = payment.post("/rpc/confirm_pass", {"p_pass_id": bought["pass_id"], "p_payment_reference": "pay-1"})
    assert (paid.status, paid.body["status"]) == (200, "active")
    use = {"p_pass_id": bought["pass_id"], "p_schedule_id": day}
    visit = buyer.post("/rpc/redeem_pass", use).body
    assert [ticket["ticket_code"] for ticket in buyer.get("/event_tickets").body] == visit["ticket_codes"]
    assert_refused(stranger.post("/rpc/redeem_pass", use), 404, "pass_not_found", pass_id=bought["pass_id"])
    back = buyer.post("/rpc/return_visit", {"p_reservation_id": visit["reservation_id"]})
    assert back.body["visits_left"] == 3
    (mine,) = buyer.get("/v_event_passes").body
    assert (mine["state"], mine["pass_code"]) == ("active", bought["pass_code"])
    assert stranger.get("/v_event_passes").body == []
    assert house.visitor().get("/v_event_passes").status == 401
    pause = {"p_pass_id": bought["pass_id"], "p_start_date": str(START), "p_end_date": str(START)}
    assert payment.post("/rpc/pause_pass", pause).body["ends_on"] == str(START + 10 * DAY)
    assert buyer.post("/rpc/pause_pass", pause).status == 403
    gone = payment.post("/rpc/cancel_pass", {"p_pass_id": bought["pass_id"]}).body
    assert (gone["status"], gone["refund_due"]) == ("cancelled", 300)


def test_python_client_takes_a_pass_from_its_order_to_its_refund(db: str, connect: Connect) -> None:
    admin = connect()
    type_id, monthly = visits_type(admin), pass_type(admin)
    day = occurrence(admin, type_id, START)
    with TicketDB(db) as client:
        held = client.buy_pass(type_id, START, idempotency_key="order-1", contact={"name": "Asha"})
        assert client.buy_pass(type_id, START, idempotency_key="order-1", contact={"name": "Asha"}) == held
        assert client.confirm_pass(held.pass_id, "pay-1", Decimal(300)).status == "active"
        visit = client.redeem_pass(held.pass_id, day)
        assert client.check_in(visit.ticket_codes[0]).result == "admitted"
        assert client.return_visit(visit.reservation_id).ticket_codes == ()
        assert client.pause_pass(held.pass_id, START, START).ends_on == held.ends_on + DAY
        assert client.extend_pass(held.pass_id, held.ends_on + 2 * DAY).full_schedules == ()
        assert client.set_pass_renewal(held.pass_id, True).renews
        with pytest.raises(PassNotValid) as caught:
            client.redeem_pass(held.pass_id, day)
        assert (caught.value.problem, caught.value.schedule_id) == ("paused", day)
        with pytest.raises(PassNotFound) as missing:
            client.buy_pass(2_000_000_000)
        assert isinstance(missing.value, NotFound)
        assert client.cancel_pass(held.pass_id, "moved").refund_due == Decimal(300)
        client.reserve_tickets(occurrence(admin, monthly, START), 5)
        with pytest.raises(SoldOut):
            client.buy_pass(monthly, START)
    assert rows(admin, "select * from public.verify_inventory()") == []


def test_asynchronous_client_has_passes_too(db: str, connect: Connect) -> None:
    type_id = pass_type(connect())

    async def main() -> None:
        async with AsyncTicketDB(db) as client:
            held = await client.buy_pass(type_id, START)
            assert (await client.confirm_pass(held.pass_id, "pay-1")).visits_left == 10

    asyncio.run(main())
