"""The door and calendars over HTTP: who may scan, who sees a ticket, and a calendar to subscribe to."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from uuid import uuid4

import pytest
from factories import define, pay, reserve, schedule, user
from house import House
from icalendar import Calendar
from postgrest import HOST, PATIENCE, Api, assert_refused


def fetch(api: Api, path: str, accept: str | None) -> tuple[int, str, bytes]:
    """Status, media type and body as they come: what a calendar program gets."""
    with closing(HTTPConnection(HOST, api.port, timeout=PATIENCE)) as connection:
        connection.request("GET", path, headers={"Accept": accept} if accept else {})
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "text/calendar", "text/calendar, */*", "text/html,application/xhtml+xml,*/*;q=0.8"],
)
def test_calendar_is_served_as_one_to_whoever_asks(shared_house: House, accept: str | None) -> None:
    event = define(shared_house.shop, title="Früh")
    schedule(shared_house.shop, event)
    status, kind, body = fetch(
        shared_house.visitor(), f"/rpc/schedules_ics?p_event_definition_id={event}", accept
    )
    assert (status, kind.split(";")[0]) == (200, "text/calendar")
    calendar = Calendar.from_ical(body)
    assert [seen["SUMMARY"] for seen in calendar.walk("VEVENT")] == ["Früh"]
    assert body.endswith(b"END:VCALENDAR\r\n")


def test_visitor_is_told_the_same_of_a_draft_and_of_nothing(shared_house: House) -> None:
    draft = define(shared_house.shop, is_active=False)
    for hidden in (draft, 2_000_000_000):
        answer = shared_house.visitor().get(
            f"/rpc/schedules_ics?p_event_definition_id={hidden}", Accept="*/*"
        )
        assert_refused(answer, 404, "definition_not_found", event_definition_id=hidden)


def test_payment_server_uploads_a_batch(shared_house: House) -> None:
    shop = shared_house.shop
    held = reserve(shop, schedule(shop, define(shop, admission_policy="in_and_out")))
    (code,) = pay(shop, held.reservation_id).ticket_codes
    scans = [
        {
            "ticket_code": str(code),
            "scan_id": str(uuid4()),
            "scanned_at": f"2031-03-01T1{n}:00:00Z",
            "gate": "a",
        }
        for n in range(2)
    ]
    answer = shared_house.payment_server().post("/rpc/check_in_batch", {"p_scans": [*scans, 7]})
    assert answer.status == 200
    assert [(seen["line"], seen["result"]) for seen in answer.body] == [
        (1, "admitted"), (2, "exited"), (3, "invalid")
    ]  # fmt: skip
    seen = shared_house.admin().get("/v_attendance?inside_now=eq.0&select=entries_by_gate,exits&exits=eq.1")
    assert seen.body == [{"entries_by_gate": {"a": 1}, "exits": 1}]


def test_what_is_no_batch_is_refused_over_http(shared_house: House) -> None:
    answer = shared_house.payment_server().post("/rpc/check_in_batch", {"p_scans": {"ticket_code": "x"}})
    assert_refused(answer, 400, "invalid_argument", at_most=1000)


def test_buyer_sees_his_own_tickets_and_scans_none(shared_house: House) -> None:
    shop = shared_house.shop
    buyer, other = user(shop), user(shop)
    held = reserve(shop, schedule(shop), user_id=buyer)
    (code,) = pay(shop, held.reservation_id).ticket_codes
    path = f"/v_tickets?ticket_code=eq.{code}&select=title,name,status"
    assert shared_house.buyer(buyer).get(path).body == [
        {"title": "Yoga", "name": "Asha Rao", "status": "valid"}
    ]
    assert shared_house.buyer(other).get(path).body == []
    assert shared_house.visitor().get(path).status == 401
    assert shared_house.buyer(buyer).post("/rpc/check_in_batch", {"p_scans": []}).status == 403
    assert shared_house.buyer(buyer).get("/v_attendance").body == []
