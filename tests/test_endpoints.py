"""Every row of docs/endpoints.md does what it says: by HTTP, by supabase-js and by the Python client."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from factories import define, insert, pay, reserve, schedule, user
from house import House
from http_clients import Clients
from postgrest import Answer, Api, assert_refused
from psycopg.rows import dict_row

from ticketdb import TicketDB

pytestmark = pytest.mark.once
DOCUMENT = Path(__file__).parent.parent / "docs" / "endpoints.md"
# what the application was going to answer and to take
PAYLOADS = {
    "EventDefinitionOut": """
        id event_code title description event_category event_type recurrence_type recurrence_days
        default_start_time default_end_time max_tickets default_ticket_price banner_image_url is_active
        """,
    "ScheduleAvailabilityOut": """
        schedule_id event_code event_title event_type schedule_date start_time end_time max_tickets
        tickets_sold tickets_available ticket_price status
        """,
    "participants": """
        id name mobile ticket_quantity amount_paid is_verified scan_count joined_at booking_id
        """,
}
EVENT_DEFINITION_CREATE = {
    "event_code": "zumba-evening",
    "title": "Zumba",
    "description": None,
    "event_category": "wellness",
    "event_type": "zumba",
    "recurrence_type": "none",
    "recurrence_days": None,
    "default_start_time": "18:00",
    "default_end_time": None,
    "default_duration_minutes": 60,
    "max_tickets": 50,
    "default_ticket_price": 0.0,
    "space_id": None,
    "venue_id": None,
    "banner_image_url": None,
    "poster_url": None,
}
# of each call of the application: what it answers, or some of it
ANSWERS: dict[str, Any] = {
    "GET /event-definitions/?category=wellness&event_type=yoga": [{"id": 1, "event_code": "yoga"}],
    "POST /event-definitions/": [{"id": 101, "event_code": "zumba-evening"}],
    "POST /event-definitions/1/generate-schedules?start_date=2031-03-01&end_date=2031-03-31": 31,
    "GET /event-schedules/available?event_type=yoga&start_date=2031-02-01&end_date=2031-02-28": [
        {"schedule_id": 7, "tickets_available": 27, "effective_price": Decimal("150.25")}
    ],
    "GET /event-schedules/7/participants: the schedule": [
        {"schedule_id": 7, "max_tickets": 30, "tickets_sold": 1}
    ],
    "GET /event-schedules/7/participants: who comes": [{"schedule_id": 7, "name": "Ravi Rao"}],
    "_check_ticket_availability(session, 7, 2)": [{"is_available": True, "tickets_available": 27}],
    "get_available_time_slots: the slots of space 4 on a day": [
        {"is_available": True, "blocked_by": None},
        {"is_available": True, "blocked_by": None},
    ],
    "POST /bookings/ with event_schedule_id 7 and 2 attendees": [
        {"schedule_id": 7, "quantity": 2, "total_amount": Decimal("300.50"), "status": "held"}
    ],
    "_reserve_tickets(session, schedule, 2), once paid": [{"reservation_id": 1, "status": "confirmed"}],
    "handle_payment_callback(verification_result, booking, db)": [
        {"reservation_id": 1, "status": "confirmed", "refund_due": Decimal("0.00")}
    ],
    "Calendars: the occurrences of event 1": re.compile("DTSTART;TZID=Asia/Kolkata:20310210T070000"),
    "Calendars: the rule of event 1": re.compile("RRULE:FREQ=DAILY"),
    "Calendars: an event of another calendar comes in": [
        {"result": "created", "event_code": "jazz-night", "uid": "jazz-1@example.org"}
    ],
    "Reports: ticket sales": [{"event_code": "yoga", "tickets_sold": 1, "net": Decimal("150.25")}],
}


class Request(NamedTuple):
    """A request over HTTP, as the document writes it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    def send(self, api: Api) -> Answer:
        if self.method == "GET":
            return api.get(self.path, **self.headers)
        return api.post(self.path, self.body, **self.headers)


def tables() -> list[list[dict[str, str]]]:
    """The document's tables, in order: of each its rows, by the names of the columns."""
    found = []
    for block in DOCUMENT.read_text(encoding="utf-8").split("\n\n"):
        lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in block.splitlines()]
        if block.startswith("|"):
            names, _, *rows = lines
            found.append([dict(zip(names, row, strict=True)) for row in rows])
    return found


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def read_request(cell: str) -> Request:
    """`METHOD /path`, then `Header: value` and `{"json": …}`, if there are any."""
    first, *others = codes(cell)
    method, path = first.split(" ")
    bodies = [json.loads(text) for text in others if text.startswith("{")]
    headers = [text.replace("-", "_", 1).split(": ") for text in others if not text.startswith("{")]
    (body,) = bodies or [None]
    return Request(method, path, dict(headers), body)


CALLS, SELECTS, REFUSALS = tables()


@pytest.fixture
def house(house: House) -> House:
    """What the numbers of the document stand for."""
    shop = house.shop
    user(shop, id=3)
    insert(shop, "spaces", id=4, name="Terrace")
    yoga = define(shop, id=1, event_code="yoga", default_ticket_price="150.25")
    define(shop, id=2, event_code="show", event_type="concert", recurrence_type="none")
    schedule(shop, yoga, id=7, schedule_date="2031-02-10", max_tickets=30)
    schedule(shop, yoga, id=8, schedule_date="2031-02-11", status="cancelled")
    for table in ("event_definitions", "event_schedules"):
        shop.execute("select setval(pg_get_serial_sequence(%s, 'id'), 100)", (f"public.{table}",))
    assert reserve(shop, 7, 2, user_id=3).reservation_id == 1
    pay(shop, reserve(shop, 7).reservation_id, participants='[{"name": "Ravi Rao"}]')
    return house


@pytest.fixture
def python_client(house: House, connect: Callable[..., psycopg.Connection]) -> TicketDB:  # noqa: ARG001
    """`db` of the document, on a connection whose own statements answer with dictionaries."""
    return TicketDB(connect(row_factory=dict_row))


def whose(house: House, caller: str) -> Api:
    """The API as a caller of the document has it."""
    if caller == "buyer":
        return house.buyer(3)
    callers: dict[str, Callable[[], Api]] = {
        "visitor": house.visitor,
        "admin": house.admin,
        "payment server": house.payment_server,
    }
    return callers[caller]()


def check(row: dict[str, str], answer: Any) -> None:
    """The answer, however it came, has what it must."""
    expected = ANSWERS[row["Application"].replace("`", "")]
    if isinstance(answer, Iterator):
        answer = list(answer)
    if isinstance(expected, re.Pattern):
        assert expected.search(answer)
        return
    if not isinstance(expected, list):
        assert answer == expected
        return
    records = answer if isinstance(answer, list) else [answer]
    records = [asdict(record) if is_dataclass(record) else record for record in records]
    assert [
        {name: record[name] for name in one} for record, one in zip(records, expected, strict=True)
    ] == expected


ROWS = pytest.mark.parametrize("row", CALLS, ids=lambda row: row["Application"].replace("`", ""))


def test_every_call_of_the_application_has_a_row() -> None:
    assert [row["Application"].replace("`", "") for row in CALLS] == list(ANSWERS)


@ROWS
def test_call_over_http_does_it(house: House, row: dict[str, str]) -> None:
    answer = read_request(row["PostgREST"]).send(whose(house, row["As"]))
    assert answer.status in (200, 201), answer
    check(row, answer.body)


@ROWS
def test_call_with_supabase_js_does_it(house: House, clients: Clients, row: dict[str, str]) -> None:
    (line,) = codes(row["supabase-js"])
    reply = clients.ask("js", whose(house, row["As"]), line)
    assert reply.error is None
    check(row, reply.data)


@ROWS
def test_call_with_the_python_client_does_it(python_client: TicketDB, row: dict[str, str]) -> None:
    (line,) = codes(row["Python"])
    check(row, eval(line, {"db": python_client, "date": date, "time": time, "Decimal": Decimal}))


@pytest.mark.parametrize(
    "row", [row for row in CALLS if row["As"] != "visitor"], ids=lambda row: row["PostgREST"][:40]
)
def test_call_of_another_role_is_refused_to_a_visitor(house: House, row: dict[str, str]) -> None:
    answer = read_request(row["PostgREST"]).send(house.visitor())
    assert (answer.status, answer.body["code"]) == (401, "42501")


def test_payloads_have_the_fields_that_the_application_promised(house: House) -> None:
    assert [codes(row["Payload"]) for row in SELECTS] == [[name] for name in PAYLOADS]
    for row in SELECTS:
        ((name,), (relation,), (select,)) = map(codes, row.values())
        answer = house.admin().get(f"/{relation}?select={select}")
        assert (answer.status, len(answer.body) > 0) == (200, True), answer
        assert list(answer.body[0]) == PAYLOADS[name].split()


def test_event_is_posted_with_the_fields_of_the_application(house: House) -> None:
    made = house.admin().post("/event_definitions", EVENT_DEFINITION_CREATE, Prefer="return=representation")
    assert made.status == 201
    (event,) = made.body
    assert event["default_start_time"] == "18:00:00"
    same = EVENT_DEFINITION_CREATE.keys() - {"default_start_time"}
    assert {name: event[name] for name in same} == {name: EVENT_DEFINITION_CREATE[name] for name in same}


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row["Reason"].strip("`"))
def test_refusal_has_the_status_and_the_reason(house: House, row: dict[str, str]) -> None:
    answer = read_request(row["PostgREST"]).send(whose(house, row["As"]))
    assert_refused(answer, int(row["Status"]), *codes(row["Reason"]))


def test_schedule_that_does_not_exist_has_nobody_and_is_nothing(house: House, clients: Clients) -> None:
    assert house.admin().get("/v_schedule_participants?schedule_id=eq.99").body == []
    single = clients.ask(
        "js", house.visitor(), "supabase.from('event_schedules').select().eq('id', 99).single()"
    )
    assert single.error is not None
    assert single.error["code"] == "PGRST116"
