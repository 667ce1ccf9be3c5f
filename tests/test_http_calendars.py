"""An event's rule over HTTP: out to whoever may see it, and in from staff."""

from __future__ import annotations

from typing import Any

import pytest
from factories import define, insert, row, value
from house import House
from icalendar import Calendar
from postgrest import Answer, Api, assert_refused

from ticketdb.cli._icalendar import read_events

JAZZ: dict[str, Any] = {
    "title": "Jazz night",
    "event_category": "live-show",
    "timezone": "Europe/Paris",
    "starts_at": "2031-03-14T19:30:00",
    "ends_at": "2031-03-16T22:00:00",
    "rules": ["FREQ=MONTHLY;BYDAY=2FR"],
    "exdates": ["2031-04-11T17:30:00Z"],
    "rdates": [{"starts_at": "2031-03-20", "seconds": 7200}],
}


def bring(api: Api, uid: str, **changes: Any) -> Answer:
    return api.post("/rpc/import_event", {"p_event": JAZZ | {"uid": uid} | changes})


def rule_of(api: Api, event: int, **headers: str) -> Answer:
    return api.get(f"/rpc/definition_ics?p_event_definition_id={event}", **headers)


@pytest.mark.parametrize("accept", ["", "*/*", "text/calendar", "text/html,*/*;q=0.8"])
def test_rule_is_served_as_a_calendar_to_whoever_asks(shared_house: House, accept: str) -> None:
    event = define(shared_house.shop, title="Früh; spät", recurrence_starts_on="2031-03-01")
    answer = rule_of(shared_house.visitor(), event, **({"Accept": accept} if accept else {}))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    (seen,) = Calendar.from_ical(answer.body).walk("VEVENT")
    assert (seen["SUMMARY"], seen["RRULE"]["FREQ"]) == ("Früh; spät", ["DAILY"])
    assert answer.body.endswith("END:VCALENDAR\r\n")


def test_event_is_brought_in_and_read_back_by_those_who_may(shared_house: House) -> None:
    admin = shared_house.admin()
    made = bring(admin, "staff@example.org")
    assert made.status == 200
    event = made.body["event_definition_id"]
    assert made.body == {
        "result": "created",
        "event_definition_id": event,
        "event_code": "jazz-night",
        "title": "Jazz night",
        "uid": "staff@example.org",
    }
    assert bring(shared_house.payment_server(), "staff@example.org").body["result"] == "unchanged"
    assert bring(admin, "staff@example.org", exdates=[]).body["result"] == "updated"
    # a draft: for those who may sell or administer, and for nobody else
    for api in (admin, shared_house.payment_server()):
        text = rule_of(api, event).body
        assert "DURATION:P2DT2H30M" in text
        (again,) = read_events(text.encode(), "jazz.ics")
        assert bring(api, again.pop("uid"), **again).body["result"] == "unchanged"
    for api in (shared_house.visitor(), shared_house.buyer()):
        for hidden in (event, 2_000_000_000):
            assert_refused(rule_of(api, hidden), 404, "definition_not_found", event_definition_id=hidden)
    shared_house.shop.execute("update event_definitions set is_active = true where id = %s", (event,))
    assert rule_of(shared_house.visitor(), event).body == rule_of(admin, event).body


def test_buyers_and_visitors_bring_nothing_in_and_learn_nothing(shared_house: House) -> None:
    bring(shared_house.admin(), "known@example.org")
    count = "select count(*) from event_definitions"
    before = value(shared_house.shop, count)
    # neither whether the UID is known, nor whether the event would do
    for uid, changes in (("known@example.org", {}), ("other@example.org", {}), ("", {"rules": "x"})):
        assert_refused(bring(shared_house.buyer(), uid, **changes), 403, "not_allowed")
        answer = bring(shared_house.visitor(), uid, **changes)
        assert (answer.status, answer.body["code"]) == (401, "42501")
    assert value(shared_house.shop, count) == before


def test_reason_of_an_exception_and_what_is_not_public_stay_inside(shared_house: House) -> None:
    event = define(shared_house.shop, recurrence_starts_on="2031-03-01")
    insert(
        shared_house.shop,
        "schedule_exceptions",
        event_definition_id=event,
        exception_date="2031-03-03",
        reason="teacher is ill",
    )
    text = rule_of(shared_house.visitor(), event).body
    assert "EXDATE;TZID=Asia/Kolkata:20310303T070000" in text
    assert "ill" not in text
    assert shared_house.visitor().get("/schedule_exceptions").status == 401
    assert shared_house.buyer().get("/schedule_exceptions").body == []


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"rules": ["FREQ=HOURLY"]}, "invalid_recurrence", {"part": "FREQ=HOURLY"}),
        ({"rules": ["FREQ=DAILY;COUNT=2;UNTIL=20310401"]}, "invalid_recurrence", {}),
        ({"timezone": "EST"}, "invalid_argument", {"timezone": "EST", "meant": "America/New_York"}),
        ({"ends_at": "2033-03-16T22:00:00"}, "invalid_argument", {"starts_at": "2031-03-14T19:30:00"}),
        ({"starts_at": None}, "invalid_argument", {}),
        ({"title": None}, "invalid_argument", {}),
    ],
)
def test_refusal_over_http_names_what_is_wrong(
    shared_house: House, changes: dict[str, Any], reason: str, detail: dict[str, Any]
) -> None:
    uid = f"wrong {changes}"
    assert_refused(bring(shared_house.admin(), uid, **changes), 400, reason, **detail)
    assert row(shared_house.shop, "select count(*) from event_definitions where calendar_uid = %s", uid) == (
        0,
    )


def test_body_that_is_no_event_is_refused(shared_house: House) -> None:
    for body in ([], "text", 7, None, {}, [JAZZ]):
        answer = shared_house.admin().post("/rpc/import_event", {"p_event": body})
        assert_refused(answer, 400, "invalid_argument")
