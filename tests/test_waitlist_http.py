"""The waiting list over HTTP: a buyer waits for himself and sees himself alone."""

from __future__ import annotations

from typing import Any

from factories import call, change, schedule, sell, user, value
from house import House
from postgrest import Answer, Api, assert_refused
from shops import UNKNOWN
from waitlists import sold_out


def join(api: Api, show: int, quantity: int = 1, **arguments: Any) -> Answer:
    return api.post("/rpc/join_waitlist", {"p_schedule_id": show, "p_quantity": quantity, **arguments})


def leave(api: Api, entry: int) -> Answer:
    return api.post("/rpc/leave_waitlist", {"p_entry_id": entry})


def own(api: Api) -> list[tuple[int, str, int | None]]:
    found = api.get("/v_waitlist?select=entry_id,status,position&order=entry_id").body
    return [(place["entry_id"], place["status"], place["position"]) for place in found]


def test_a_buyer_waits_is_offered_a_seat_and_pays(house: House) -> None:
    show, sales = sold_out(house.shop)
    asha, ravi, payment = house.buyer(), house.buyer(), house.payment_server()
    first, second = join(asha, show).body, join(ravi, show, 2).body
    assert (first["status"], first["position"], second["position"]) == ("waiting", 1, 2)
    assert payment.post("/rpc/cancel_reservation", {"p_reservation_id": sales[0]}).status == 200
    (offer,) = asha.get("/v_waitlist").body
    assert offer["status"] == "offered"
    assert own(ravi) == [(second["entry_id"], "waiting", 1)]
    order = {"p_reservation_id": offer["reservation_id"], "p_payment_reference": "pay-1"}
    assert payment.post("/rpc/confirm_reservation", order).body["status"] == "confirmed"
    assert own(asha) == [(first["entry_id"], "taken", None)]
    assert payment.get("/rpc/verify_inventory").body == []


def test_a_buyer_sees_and_leaves_no_place_but_his_own(house: House) -> None:
    show, _ = sold_out(house.shop)
    asha, ravi = house.buyer(), house.buyer()
    entry = join(asha, show, p_contact={"name": "Asha Rao"}).body["entry_id"]
    for path in ("/v_waitlist", "/event_waitlist", f"/event_schedules?id=eq.{show}&select=event_waitlist(*)"):
        assert "Asha" not in str(ravi.get(path).body), path
    refusals = [leave(ravi, number) for number in (entry, UNKNOWN)]
    for refusal in refusals:
        assert_refused(refusal, 404, "reservation_not_found")
    there, nowhere = (str(refusal.body) for refusal in refusals)
    assert there.replace(str(entry), str(UNKNOWN)) == nowhere
    assert own(asha) == [(entry, "waiting", 1)]
    assert [place["contact"] for place in house.admin().get("/v_waitlist").body] == [{"name": "Asha Rao"}]
    assert leave(asha, entry).body["status"] == "left"


def test_a_buyer_joins_for_himself_and_only_what_is_public(house: House) -> None:
    show, _ = sold_out(house.shop)
    hidden = schedule(house.shop)
    change(
        house.shop,
        "event_definitions",
        value(house.shop, "select event_definition_id from public.event_schedules where id = %s", hidden),
        is_active=False,
    )
    asha = house.buyer()
    assert_refused(join(asha, show, p_user_id=user(house.shop)), 403, "not_allowed")
    for number in (hidden, UNKNOWN):
        assert_refused(join(asha, number), 404, "schedule_not_found")
    assert_refused(join(house.as_role("authenticated"), show), 403, "not_allowed")
    assert_refused(leave(house.as_role("authenticated"), 1), 403, "not_allowed")


def test_a_visitor_reaches_no_waiting_list(house: House) -> None:
    show, _ = sold_out(house.shop)
    assert join(house.visitor(), show).status == 401
    assert leave(house.visitor(), 1).status == 401
    for path in ("/v_waitlist", "/event_waitlist"):
        assert house.visitor().get(path).status == 401


def test_nobody_writes_the_list_by_hand(house: House) -> None:
    show, _ = sold_out(house.shop)
    asha = house.buyer()
    join(asha, show)
    row = {"schedule_id": show, "quantity": 1, "contact": {}}
    for api in (asha, house.admin(), house.payment_server()):
        assert api.post("/event_waitlist", row).status == 403


def test_a_visitor_is_told_what_is_left_for_him(house: House) -> None:
    show = schedule(house.shop, max_tickets=2)
    sell(house.shop, show)
    hold = call(house.shop, "reserve_tickets", show).reservation_id
    assert join(house.buyer(), show).body["status"] == "waiting"
    house.shop.execute(
        "update public.ticket_reservations set expires_at = clock_timestamp() where id = %s", (hold,)
    )
    answer = house.visitor().get(f"/rpc/check_ticket_availability?p_schedule_id={show}").body
    assert (answer["is_available"], answer["tickets_available"]) == (False, 0)
    listed = house.visitor().get(f"/v_event_availability?schedule_id=eq.{show}").body
    assert [seen["tickets_available"] for seen in listed] == [0]


def test_joining_sends_the_reasons_of_reserving(house: House) -> None:
    asha = house.buyer()
    assert_refused(join(asha, schedule(house.shop, status="cancelled")), 409, "schedule_cancelled")
    assert_refused(join(asha, schedule(house.shop), 0), 400, "invalid_quantity")
    entry = join(asha, schedule(house.shop)).body
    sold = {"p_reservation_id": entry["reservation_id"], "p_payment_reference": "pay-1"}
    house.payment_server().post("/rpc/confirm_reservation", sold)
    assert_refused(leave(asha, entry["entry_id"]), 409, "already_confirmed")
