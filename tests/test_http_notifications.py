"""The outbox over HTTP: the payment server sends, an admin looks and sends again, a buyer reaches nothing."""

from __future__ import annotations

from factories import schedule, sell, user
from house import House
from postgrest import Answer, Api, assert_refused

FUNCTIONS = {
    "claim_notifications": {"p_limit": 1},
    "complete_notification": {"p_id": 1, "p_lease_id": "00000000-0000-0000-0000-000000000000"},
    "schedule_maintenance_jobs": {},
    "unschedule_maintenance_jobs": {},
}


def rpc(api: Api, function: str, **arguments: object) -> Answer:
    return api.post(f"/rpc/{function}", arguments)


def test_the_payment_server_claims_and_completes(house: House) -> None:
    sell(house.shop, schedule(house.shop), contact='{"email": "asha@example.org"}')
    server = house.payment_server()
    (told,) = rpc(server, "claim_notifications", p_limit=5, p_lease="2 minutes").body
    assert (told["kind"], told["contact_email"]) == ("ticket_confirmation", "asha@example.org")
    named = {"p_id": told["notification_id"], "p_lease_id": told["lease_id"]}
    (failed,) = rpc(server, "complete_notification", **named, p_error="no").body
    assert (failed["status"], failed["is_counted"]) == ("pending", True)
    assert rpc(server, "claim_notifications").body == []
    assert_refused(rpc(server, "claim_notifications", p_limit=0), 400, "invalid_argument", limit=0)


def test_an_admin_looks_and_has_one_sent_again(house: House) -> None:
    sell(house.shop, schedule(house.shop))
    house.shop.execute("update public.ticket_notifications set status = 'dead', completed_at = now()")
    admin = house.admin()
    (dead,) = admin.get("/ticket_notifications?status=eq.dead&select=id,kind").body
    (again,) = rpc(admin, "retry_notification", p_id=dead["id"]).body
    assert again["status"] == "pending"
    assert_refused(rpc(admin, "retry_notification", p_id=-1), 400, "invalid_argument", notification_id=-1)


def test_buyers_and_visitors_reach_nothing_of_it(house: House) -> None:
    buyer = user(house.shop)
    sell(house.shop, schedule(house.shop), user_id=buyer)
    assert house.buyer(buyer).get("/ticket_notifications").body == []
    assert house.visitor().get("/ticket_notifications").status == 401
    for known in (1, -1):
        assert_refused(rpc(house.buyer(buyer), "retry_notification", p_id=known), 403, "not_allowed")
    patched = house.buyer(buyer).patch("/ticket_notifications?id=gt.0", {"status": "sent"})
    assert patched.status in (200, 204)
    assert house.shop.execute("select status from public.ticket_notifications").fetchall() == [("pending",)]
    for function, arguments in FUNCTIONS.items():
        for api, status in ((house.buyer(buyer), 403), (house.admin(), 403), (house.visitor(), 401)):
            answer = rpc(api, function, **arguments)
            assert (answer.status, answer.body["code"]) == (status, "42501"), function
