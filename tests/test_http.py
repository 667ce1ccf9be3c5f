"""What a front end gets from PostgREST: JSON in and out, HTTP statuses, and nothing of the inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

import psycopg
import pytest
from factories import NEXT_WEEK, book, define, rows, schedule, value
from postgrest import Answer, Api, assert_refused, serving
from race_faults import LOOK_THEN_WRITE, plant
from race_helpers import crowd
from race_shop import Shop
from shops import UNKNOWN

Connect = Callable[..., psycopg.Connection]


@pytest.fixture
def api(program: str, db: str) -> Iterator[Api]:
    """PostgREST on the test's own database."""
    with serving(program, db) as running:
        yield running


@pytest.fixture
def shop(connect: Connect) -> psycopg.Connection:
    """A direct connection to the same database, to prepare what is sold."""
    return connect()


def reserve(api: Api, schedule_id: int, quantity: int = 1) -> Answer:
    return api.post("/rpc/reserve_tickets", {"p_schedule_id": schedule_id, "p_quantity": quantity})


def held(api: Api, schedule_id: int) -> int:
    """The id of a hold of one ticket."""
    answer = reserve(api, schedule_id)
    assert answer.status == 200, answer
    return answer.body["reservation_id"]


def counters(api: Api, schedule_id: int) -> tuple[int, int, int]:
    """Available, held and sold, as the view says."""
    columns = "tickets_available,tickets_held,tickets_sold"
    (seen,) = api.get(f"/v_event_availability?schedule_id=eq.{schedule_id}&select={columns}").body
    return seen["tickets_available"], seen["tickets_held"], seen["tickets_sold"]


def names_in(connection: psycopg.Connection, schema: str) -> tuple[set[str], dict[str, dict[str, None]]]:
    """The tables and views of a schema; its functions, each with a body that names all its arguments."""
    relations = rows(
        connection,
        "select relname from pg_class where relnamespace = %s::regnamespace and relkind in ('r', 'v')",
        schema,
    )
    functions = rows(
        connection,
        """
        select proname, coalesce(proargnames[:pronargs], '{}')
        from pg_proc
        where pronamespace = %s::regnamespace
        """,
        schema,
    )
    return {name for (name,) in relations}, {name: dict.fromkeys(names) for name, names in functions}


def test_availability_is_filtered_ordered_and_paged(api: Api, shop: psycopg.Connection) -> None:
    yoga = define(shop, event_type="yoga", default_ticket_price="150.25")
    days = [NEXT_WEEK + timedelta(days=n) for n in (3, 0, 4, 1, 2)]
    ids = {day: schedule(shop, yoga, schedule_date=day) for day in days}
    schedule(shop, define(shop, event_type="zumba"))

    page = "/v_event_availability?event_type=eq.yoga&order=starts_at&limit=2"
    first = api.get(page, Prefer="count=exact")
    second = api.get(f"{page}&offset=2", Prefer="count=exact")
    assert [entry["schedule_id"] for entry in first.body + second.body] == [
        ids[day] for day in sorted(days)[:4]
    ]
    assert (first.status, first.headers["Content-Range"]) == (206, "0-1/5")
    assert (second.status, second.headers["Content-Range"]) == (206, "2-3/5")

    class_ = first.body[0]
    assert (class_["schedule_date"], class_["start_time"]) == (str(NEXT_WEEK), "07:00:00")
    # 07:00 in Kolkata
    assert datetime.fromisoformat(class_["starts_at"]) == datetime.combine(NEXT_WEEK, time(1, 30), UTC)
    assert (class_["effective_price"], class_["tickets_available"]) == (Decimal("150.25"), 5)


def test_an_occurrence_comes_with_its_event(api: Api, shop: psycopg.Connection) -> None:
    class_ = schedule(shop, define(shop, event_code="yoga-morning"))
    answer = api.get("/event_schedules?select=id,event_definitions(event_code)")
    assert answer.status == 200
    assert answer.body == [{"id": class_, "event_definitions": {"event_code": "yoga-morning"}}]


def test_tickets_are_reserved_paid_and_cancelled(api: Api, shop: psycopg.Connection) -> None:
    class_ = schedule(shop, define(shop, default_ticket_price="150.25"))
    order = {
        "p_schedule_id": class_,
        "p_quantity": 2,
        "p_hold_for": "00:20:00",
        "p_idempotency_key": "order-4711",
        "p_contact": {"name": "Asha Rao", "mobile": "9845000000"},
    }
    hold = api.post("/rpc/reserve_tickets", order)
    assert hold.status == 200
    reservation = hold.body["reservation_id"]
    lasts = datetime.fromisoformat(hold.body["expires_at"]) - value(shop, "select now()")
    assert timedelta(minutes=19) < lasts <= timedelta(minutes=20)
    assert {key: hold.body[key] for key in hold.body if key not in ("reservation_code", "expires_at")} == {
        "reservation_id": reservation,
        "schedule_id": class_,
        "ticket_type_id": None,
        "quantity": 2,
        "unit_price": Decimal("150.25"),
        "total_amount": Decimal("300.50"),
        "status": "held",
    }
    assert api.post("/rpc/reserve_tickets", order).body == hold.body
    assert counters(api, class_) == (3, 2, 0)

    payment = {
        "p_reservation_id": reservation,
        "p_payment_reference": "pay_N9xT2",
        "p_amount": 300.50,
        "p_participants": [{"name": "Asha Rao"}, {"name": "Ravi Rao"}],
    }
    sale = api.post("/rpc/confirm_reservation", payment)
    assert sale.status == 200
    codes = sale.body.pop("ticket_codes")
    assert sale.body == {
        "reservation_id": reservation,
        "status": "confirmed",
        "tickets_sold": 2,
        "refund_due": Decimal("0.00"),
    }
    assert counters(api, class_) == (3, 0, 2)
    valid = api.get(f"/event_tickets?reservation_id=eq.{reservation}&status=eq.valid&select=ticket_code")
    assert {ticket["ticket_code"] for ticket in valid.body} == set(codes)
    assert len(set(codes)) == 2
    people = api.get(f"/v_schedule_participants?schedule_id=eq.{class_}&select=name&order=name")
    assert people.body == [{"name": "Asha Rao"}, {"name": "Ravi Rao"}]

    change_of_mind = {"p_reservation_id": reservation, "p_reason": "ill"}
    cancelled = api.post("/rpc/cancel_reservation", change_of_mind)
    assert cancelled.status == 200
    assert cancelled.body == {
        "reservation_id": reservation,
        "status": "cancelled",
        "refund_due": Decimal("300.50"),
    }
    assert counters(api, class_) == (5, 0, 0)
    assert api.get("/rpc/verify_inventory").body == []


def test_availability_of_an_occurrence_is_read_by_get(api: Api, shop: psycopg.Connection) -> None:
    class_ = schedule(shop)
    held(api, class_)
    question = f"/rpc/check_ticket_availability?p_schedule_id={class_}&p_quantity="
    for quantity, is_available in ((4, True), (5, False)):
        answer = api.get(f"{question}{quantity}")
        assert answer.status == 200
        assert (answer.body["is_available"], answer.body["tickets_available"]) == (is_available, 4)
        assert answer.body["message"]


def test_a_get_reserves_nothing(api: Api, shop: psycopg.Connection) -> None:
    class_ = schedule(shop)
    assert api.get(f"/rpc/reserve_tickets?p_schedule_id={class_}").status == 405
    assert counters(api, class_) == (5, 0, 0)


def test_sold_out_says_how_many_are_left(api: Api, shop: psycopg.Connection) -> None:
    class_ = schedule(shop)
    held(api, class_)
    assert_refused(reserve(api, class_, 5), 409, "sold_out", available=4, requested=5)
    assert counters(api, class_) == (4, 1, 0)


def test_each_kind_of_refusal_has_its_status(api: Api, shop: psycopg.Connection) -> None:
    class_ = schedule(shop)
    assert_refused(reserve(api, class_, 0), 400, "invalid_quantity")
    assert_refused(reserve(api, UNKNOWN), 404, "schedule_not_found")

    paid = {"p_reservation_id": held(api, class_)}
    assert api.post("/rpc/confirm_reservation", {**paid, "p_payment_reference": "pay_1"}).status == 200
    assert_refused(api.post("/rpc/release_reservation", paid), 409, "already_confirmed")

    given_up = {"p_reservation_id": held(api, class_)}
    released = api.post("/rpc/release_reservation", given_up)
    assert (released.status, released.body["status"]) == (200, "released")
    assert_refused(api.post("/rpc/cancel_reservation", given_up), 410, "reservation_released")


def test_a_booking_of_the_application_is_held_paid_and_refused(api: Api, shop: psycopg.Connection) -> None:
    class_ = schedule(shop)
    booking = book(shop, class_, attendees=4)
    assert counters(api, class_) == (1, 4, 0)
    assert api.patch(f"/bookings?id=eq.{booking}", {"status": "paid"}).status == 204
    assert counters(api, class_) == (1, 0, 4)
    late = {
        "booking_reference": "BK-late",
        "start_datetime": f"{NEXT_WEEK}T07:00:00",
        "end_datetime": f"{NEXT_WEEK}T08:00:00",
        "attendees": 2,
        "event_schedule_id": class_,
    }
    assert_refused(api.post("/bookings", late), 409, "sold_out", available=1, requested=2)


@pytest.mark.parametrize("protected", [True, False], ids=["protected", "unprotected"])
def test_sixteen_buyers_of_five_seats_are_five_holds(api: Api, connect: Connect, protected: bool) -> None:
    race = Shop(connect)
    class_ = race.schedule(5)
    # its buckets are there: without row locks the first buyers would collide where these are made
    race.admin.release(race.admin.reserve(class_).reservation_id)
    if not protected:
        # The same requests oversell without our guards: they do arrive together, and the check below notices.
        plant(race, *LOOK_THEN_WRITE)
    answers = crowd([partial(reserve, api, class_)] * 16)
    statuses = Counter(answer.status for answer in answers)
    if not protected:
        assert statuses[200] > 5
        return
    assert statuses == {200: 5, 409: 11}
    for answer in answers:
        if answer.status == 409:
            assert_refused(answer, 409, "sold_out", available=0, requested=1)
    assert counters(api, class_) == (0, 5, 0)
    assert api.get("/rpc/verify_inventory").body == []


def test_schedules_are_generated_from_date_strings(api: Api, shop: psycopg.Connection) -> None:
    event = define(shop, recurrence_days="1,3")
    # a Monday, and the Monday after: both are included
    period = {"p_event_definition_id": event, "p_start_date": "2031-03-03", "p_end_date": "2031-03-10"}
    preview = api.post("/rpc/preview_recurring_schedules", period)
    assert [(e["schedule_date"], e["already_exists"]) for e in preview.body] == [
        (str(date(2031, 3, day)), False) for day in (3, 5, 10)
    ]
    answers = [api.post("/rpc/generate_recurring_schedules", period) for _ in range(2)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, 3), (200, 0)]
    made = api.get("/event_schedules?select=schedule_date,start_time,tickets_available&order=starts_at")
    assert made.body == [
        {"schedule_date": f"2031-03-{day}", "start_time": "07:00:00", "tickets_available": 5}
        for day in ("03", "05", "10")
    ]


def test_the_api_document_describes_the_face_and_nothing_else(api: Api, shop: psycopg.Connection) -> None:
    relations, functions = names_in(shop, "public")
    assert {"event_schedules", "v_event_availability"} <= relations
    assert {"reserve_tickets", "confirm_reservation", "cancel_reservation", "verify_inventory"} <= set(
        functions
    )
    document = api.get("/").body
    assert set(document["definitions"]) == relations
    paths = document["paths"]
    assert set(paths) == {"/", *(f"/{name}" for name in relations), *(f"/rpc/{name}" for name in functions)}

    comments = rows(
        shop,
        """
        select proname, obj_description(oid, 'pg_proc')
        from pg_proc
        where pronamespace = 'public'::regnamespace
        """,
    )
    for name, comment in comments:
        title, description = comment.split("\n\n", 1)
        told = paths[f"/rpc/{name}"]["post"]
        assert (told["summary"], told["description"]) == (title, description)


def test_nothing_of_the_inside_is_reachable(api: Api, shop: psycopg.Connection) -> None:
    relations, functions = names_in(shop, "ticketdb")
    assert "seat_buckets" in relations
    assert "move_seats" in functions
    for name in relations:
        assert api.get(f"/{name}").status == 404
        assert api.get(f"/{name}", Accept_Profile="ticketdb").status == 406
    for name, body in functions.items():
        answer = api.post(f"/rpc/{name}", body)
        assert (answer.status, answer.body["code"]) == (404, "PGRST202")
        assert api.post(f"/rpc/{name}", body, Content_Profile="ticketdb").status == 406
    embedded = api.get("/event_schedules?select=id,seat_buckets(*)")
    assert (embedded.status, embedded.body["code"]) == (400, "PGRST200")
