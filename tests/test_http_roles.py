"""What PostgREST does for a visitor, a buyer, an admin and the payment server, and for forged tokens."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from typing import Any

from factories import define, schedule, sell, user, value
from house import SECRET, House
from postgrest import Answer, Api, assert_refused, token
from race_helpers import crowd
from shops import UNKNOWN

LISTED = "/v_event_availability?select=schedule_id&order=schedule_id"


def reserve(api: Api, schedule_id: int, **arguments: Any) -> Answer:
    return api.post("/rpc/reserve_tickets", {"p_schedule_id": schedule_id, **arguments})


def held(api: Api, schedule_id: int) -> int:
    answer = reserve(api, schedule_id)
    assert answer.status == 200, answer
    number: int = answer.body["reservation_id"]
    return number


def test_each_role_has_its_way_to_a_ticket_and_to_the_door(house: House) -> None:
    show = schedule(house.shop)
    visitor, buyer, payment = house.api, house.buyer(), house.payment_server()
    assert visitor.get(LISTED).body == [{"schedule_id": show}]
    assert visitor.get(f"/rpc/check_ticket_availability?p_schedule_id={show}").body["is_available"]
    order = held(buyer, show)
    sale = payment.post(
        "/rpc/confirm_reservation", {"p_reservation_id": order, "p_payment_reference": "pay-1"}
    )
    assert (sale.status, sale.body["status"]) == (200, "confirmed")
    assert [ticket["ticket_code"] for ticket in buyer.get("/event_tickets").body] == sale.body["ticket_codes"]
    assert [one["is_verified"] for one in buyer.get("/v_schedule_participants").body] == [False]
    scan = payment.post("/rpc/check_in", {"p_ticket_code": sale.body["ticket_codes"][0]})
    assert (scan.status, scan.body["result"]) == (200, "admitted")
    assert [one["is_verified"] for one in house.admin().get("/v_schedule_participants").body] == [True]
    assert payment.get("/rpc/verify_inventory").body == []


def test_visitor_reaches_no_order(house: House) -> None:
    show = schedule(house.shop)
    sell(house.shop, show)
    for path in ("/ticket_reservations", "/event_tickets", "/ticket_payments", "/v_schedule_participants"):
        answer = house.api.get(path)
        assert (answer.status, answer.body["code"]) == (401, "42501")
    assert reserve(house.api, show).status == 401
    # no foreign key leads there, and none would be followed
    assert house.api.get("/event_schedules?select=id,ticket_reservations(*)").status == 400
    assert value(house.shop, "select count(*) from public.ticket_reservations") == 1


def test_orders_of_another_buyer_do_not_exist(house: House) -> None:
    show = schedule(house.shop)
    asha, ravi = house.buyer(), house.buyer()
    order = reserve(asha, show, p_contact={"name": "Asha Rao", "mobile": "9845000000"}).body
    paid = sell(house.shop, show, user_id=user(house.shop))
    for path in (
        "/ticket_reservations",
        f"/ticket_reservations?id=eq.{order['reservation_id']}",
        "/ticket_reservations?contact->>name=eq.Asha Rao".replace(" ", "%20"),
        "/event_tickets?select=*,ticket_reservations(*)",
        f"/ticket_payments?reservation_id=eq.{paid}&select=*,ticket_reservations(contact)",
        "/v_schedule_participants",
    ):
        assert (ravi.get(path).status, ravi.get(path).body) == (200, []), path
    refusals = [
        ravi.post("/rpc/release_reservation", {"p_reservation_id": number})
        for number in (order["reservation_id"], UNKNOWN)
    ]
    for refusal in refusals:
        assert_refused(refusal, 404, "reservation_not_found")
    there, nowhere = (str(refusal.body) for refusal in refusals)
    assert there.replace(str(order["reservation_id"]), "?") == nowhere.replace(str(UNKNOWN), "?")
    assert_refused(reserve(ravi, show, p_user_id=UNKNOWN), 403, "not_allowed")
    assert [one["id"] for one in asha.get("/ticket_reservations").body] == [order["reservation_id"]]


def test_event_that_is_not_public_does_not_exist(house: House) -> None:
    event = define(house.shop, is_active=False)
    draft = schedule(house.shop, event)
    for caller in (house.api, house.buyer()):
        assert caller.get(LISTED).body == []
        assert caller.get("/event_schedules?select=*,event_definitions(*)").body == []
        there, nowhere = (
            caller.get(f"/rpc/check_ticket_availability?p_schedule_id={number}").body
            for number in (draft, UNKNOWN)
        )
        assert there == nowhere
    assert_refused(reserve(house.buyer(), draft), 404, "schedule_not_found")
    assert [one["id"] for one in house.admin().get("/event_definitions").body] == [event]


def test_admin_makes_an_event_and_its_schedules(house: House) -> None:
    admin = house.admin()
    event = {
        "event_code": "yoga",
        "title": "Yoga",
        "event_category": "wellness",
        "event_type": "yoga",
        "recurrence_type": "daily",
        "default_start_time": "07:00",
        "default_end_time": "08:00",
    }
    assert house.buyer().post("/event_definitions", event).status == 403
    assert admin.post("/event_definitions", event).status == 201
    (made,) = house.api.get("/event_definitions?event_code=eq.yoga").body
    period = {"p_event_definition_id": made["id"], "p_start_date": "2031-03-01", "p_end_date": "2031-03-03"}
    assert_refused(house.buyer().post("/rpc/generate_recurring_schedules", period), 403, "not_allowed")
    assert admin.post("/rpc/generate_recurring_schedules", period).body == 3
    assert admin.patch("/event_schedules?schedule_date=eq.2031-03-02", {"max_tickets": 7}).status == 204
    assert len(house.api.get("/event_schedules?max_tickets=eq.7").body) == 1
    assert_refused(
        admin.patch("/event_schedules?id=gt.0", {"tickets_sold": 1}), 409, "tickets_sold_is_derived"
    )


def test_tokens_that_are_forged_expired_or_of_no_role_of_ours_open_nothing(house: House) -> None:
    show = schedule(house.shop)
    asha = user(house.shop)
    claims = {"role": "authenticated", "user_id": asha}
    owner = value(house.shop, "select current_user")
    for bad in (
        token("another secret of at least thirty-two characters", **claims),
        token(SECRET, **claims, exp=int(time.time()) - 60),
        token(SECRET, role=owner, user_id=asha),
        token(SECRET, role="nobody", user_id=asha),
        token(SECRET, **claims)[:-4] + "AAAA",
        "not a token",
    ):
        assert reserve(house.api.signed_in(bad), show).status in (400, 401, 403), bad
    # without a role it is a visitor's
    assert reserve(house.api.signed_in(token(SECRET, user_id=asha)), show).status == 401
    assert_refused(reserve(house.as_role("authenticated"), show), 403, "not_allowed")
    assert value(house.shop, "select count(*) from public.ticket_reservations") == 0
    assert reserve(house.api.signed_in(token(SECRET, **claims)), show).status == 200


def test_sixty_four_buyers_of_thirty_seats_are_thirty_holds(house: House) -> None:
    show = schedule(house.shop, max_tickets=30)
    buyers = [house.buyer() for _ in range(64)]
    answers = crowd([partial(reserve, buyer, show) for buyer in buyers])
    assert Counter(answer.status for answer in answers) == {200: 30, 409: 34}
    for answer in answers:
        if answer.status == 409:
            assert_refused(answer, 409, "sold_out", available=0)
    held_by = value(house.shop, "select count(distinct user_id) from public.ticket_reservations")
    assert held_by == 30
    assert house.payment_server().get("/rpc/verify_inventory").body == []


def test_the_api_document_shows_each_role_what_it_may_call(house: House) -> None:
    def functions(api: Api) -> set[str]:
        return {path.removeprefix("/rpc/") for path in api.get("/").body["paths"] if path.startswith("/rpc/")}

    visitor, buyer = functions(house.api), functions(house.buyer())
    payment = functions(house.payment_server())
    assert visitor == {
        "check_ticket_availability", "describe_rrule", "get_available_time_slots", "schedules_ics",
        "definition_ics",
    }  # fmt: skip
    own = {"reserve_tickets", "release_reservation", "reserve_series", "buy_pass", "join_waitlist"}
    assert visitor | own <= buyer < payment
    assert payment - buyer == {
        "confirm_reservation", "cancel_reservation", "move_reservation", "settle_refund",
        "confirm_pass", "pause_pass", "extend_pass",
        "check_in", "check_in_batch", "claim_notifications", "complete_notification",
        "run_maintenance", "verify_inventory",
    }  # fmt: skip
